// Filters of the emulator's lists. Input: filter, an object as JSON.
#include "emulator/filter.hpp"

#include "emulator/body.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void filter(std::string_view input) {
  static constexpr emulator::Filterable kAttributes[] = {{"name", "eq ne co sw"},
                                                         {"id", "eq"},
                                                         {"createdAt", "eq gt ge lt le"},
                                                         {"assignedRoles.name", "eq co"}};
  auto const all = parts(input, 2);
  auto const parsed = emulator::Filter::parse(part(all, 0), kAttributes);
  if (!parsed) {
    ensure(is_plain(parsed.error().message), "a wrong filter is told in visible characters");
    return;
  }
  (void)parsed->equal_to("name");
  auto const body = emulator::parse_body(part(all, 1));
  auto const* const object = body ? body->if_object() : nullptr;
  if (object == nullptr) return;
  auto const negated =
      emulator::Filter::parse("not (" + std::string(part(all, 0)) + ")", kAttributes);
  // One more level, or a few characters more, may be too many.
  if (!negated) return;
  ensure(parsed->matches(*object) != negated->matches(*object), "not is not");
}

}  // namespace tenantry::fuzz
