// JSON of plans, states and answers, with the deferred values that a hostile one may fake.
#include <algorithm>

#include "engine/core/value.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

/// Boost.JSON 1.81 reads a number with a fraction or too many digits to the last digit but one.
bool is_exact(Value const& value) {
  if (value.is_double()) return false;
  if (auto const* list = value.if_array()) return std::ranges::all_of(*list, is_exact);
  auto const* object = value.if_object();
  return object == nullptr ||
         std::ranges::all_of(*object, [](auto const& m) { return is_exact(m.value()); });
}

void look_at(Value const& value) {
  (void)is_sensitive(value);
  (void)is_unknown(value);
  (void)contained(value);
  if (is_deferred(value)) {
    (void)describe_deferred(value);
    ensure(is_deferred(make_deferred(segments_of(value))), "what was deferred stays so");
  }
  if (auto const* list = value.if_array()) {
    for (auto const& item : *list) look_at(item);
  } else if (auto const* object = value.if_object()) {
    for (auto const& member : *object) look_at(member.value());
  }
}

}  // namespace

void json(std::string_view input) {
  auto const value = parse_json(input);
  if (!value) {
    ensure(!value.error().message.empty(), "what is no JSON is told");
    return;
  }
  look_at(*value);
  auto const text = canonical(*value);
  auto const again = parse_json(text);
  ensure(again.has_value(), "a value is read as it was written");
  bool const exact = is_exact(*value);
  ensure(!exact || canonical(*again) == text, "the canonical text of a value is one");
  auto const shown = parse_json(pretty(*value));
  ensure(shown.has_value() && (!exact || equal(*shown, *value)), "indentation changes no value");
  auto const resolved = resolve_deferred(
      *value, [](Segment const& segment) -> Result<std::string> { return segment.text; });
  if (resolved) ensure(!is_sensitive(*resolved), "what is resolved names no variable any more");
}

}  // namespace tenantry::fuzz
