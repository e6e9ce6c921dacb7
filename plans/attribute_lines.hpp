// Attributes of a change as lines.
#pragma once
#include "plans/paper.hpp"

namespace tenantry::plans {

/// One line for a value: JSON, "(known after apply: ...)" or "(sensitive)"; longer than `columns`,
/// it is cut, and the number of characters left out is told.
std::string value_text(Value const& value, std::size_t columns);

/// The lines of an attribute that changes: scalars as `old -> new`, elements of lists and sets as
/// added and removed, members of objects by their path, texts of several lines line by line.
void print_attribute(Paper& paper, std::size_t indent, AttributeChange const& change);
/// "description: no longer managed, stays ..."
void print_released(Paper& paper, std::size_t indent, AttributeChange const& change);
/// "description: drift: changed outside of Tenantry, ... -> ..."
void print_drift(Paper& paper, std::size_t indent, AttributeChange const& change);

}  // namespace tenantry::plans
