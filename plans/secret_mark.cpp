#include <fmt/format.h>

#include <algorithm>

#include "engine/core/digest.hpp"
#include "plans/diff.hpp"

namespace tenantry::plans {
namespace {
// No variable can have this name: keys hold no control characters.
constexpr std::string_view kWithheld = "\x01withheld";
}  // namespace

bool is_secret(Attribute const& attribute) {
  // Of a file its digest may be kept, which is all that a value of it is.
  bool const is_file = attribute.format == Format::file;
  return attribute.sensitive || (attribute.write_only && !is_file) ||
         std::ranges::any_of(attribute.fields, is_secret);
}

std::string secret_mark(std::string_view salt, Value const& revealed) {
  return fmt::format("{}:{}", salt, keyed_digest_hex(salt, canonical(revealed)));
}

Value withheld() { return make_deferred({{Segment::Kind::variable, std::string(kWithheld)}}); }

bool is_withheld(Value const& value) {
  if (!is_deferred(value)) return false;
  auto const segments = segments_of(value);
  return segments.size() == 1 && segments.front().kind == Segment::Kind::variable &&
         segments.front().text == kWithheld;
}

Result<void> restore_withheld(Object& after, Object const& desired) {
  for (auto& member : after) {
    if (!is_withheld(member.value())) continue;
    auto const* value = find(desired, member.key());
    if (value == nullptr || value->is_null()) {
      return Error(Errc::stale,
                   fmt::format("the configuration no longer holds the value of `{}`",
                               std::string_view(member.key())),
                   "plan again");
    }
    member.value() = *value;
  }
  return {};
}

}  // namespace tenantry::plans
