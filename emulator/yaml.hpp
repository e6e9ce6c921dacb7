// YAML documents as values: what project archives are written in.
#pragma once
#include <string>
#include <string_view>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// One YAML document. Plain scalars are read by the core schema of YAML 1.2. Errors: invalid, where
/// it is no YAML, has over 50 levels or 100,000 nodes, or a key that is no text.
Result<Value> parse_yaml(std::string_view text);

/// `value` as YAML that parse_yaml() reads back as it was.
std::string write_yaml(Value const& value);

}  // namespace tenantry::emulator
