// Texts of values for who writes a larger text around them. See value.hpp.
#pragma once
#include <cstddef>
#include <string>

#include "engine/core/value.hpp"

namespace tenantry {

/// canonical() without a copy into a Value.
std::string canonical(Object const& object);
/// pretty() as a part of a larger text: all lines but the first are indented by `depth` levels
/// more.
std::string pretty(Value const& value, std::size_t depth);

}  // namespace tenantry
