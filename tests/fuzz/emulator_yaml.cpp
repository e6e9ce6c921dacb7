// The YAML of project archives that are imported into the emulator.
#include "emulator/yaml.hpp"

#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void emulator_yaml(std::string_view input) {
  auto const value = emulator::parse_yaml(input);
  if (!value) {
    ensure(is_plain(value.error().message), "what is no YAML is told in visible characters");
    return;
  }
  auto const text = emulator::write_yaml(*value);
  auto const again = emulator::parse_yaml(text);
  ensure(again.has_value() && equal(*again, *value), "YAML is read as it was written");
}

}  // namespace tenantry::fuzz
