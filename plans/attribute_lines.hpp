// Attributes of a change as lines.
#pragma once
#include <string>
#include <vector>

#include "plans/attribute_rows.hpp"
#include "plans/paper.hpp"

namespace tenantry::plans {

/// Columns for a value that is not to be cut.
inline constexpr auto kWhole = std::string::npos;

/// `text` in at most `columns`, the count of what is left out included; a quoted text stays quoted.
std::string shortened(std::string_view text, std::size_t columns);

/// One line for a value: JSON, "(known after apply: ...)" or "(sensitive)"; longer than `columns`,
/// it is cut, and the number of characters left out is told.
std::string value_text(Value const& value, std::size_t columns);
/// Two values of which one takes the place of the other, each as by value_text(). Where the cut
/// would hide how they differ, what both begin with is left out instead: who approves a change sees
/// it.
struct ValuePair {
  std::string before;
  std::string after;
};
ValuePair value_pair(Value const& before, std::size_t before_columns, Value const& after,
                     std::size_t after_columns);

/// Lines and values of a row that go and that come, the n-th of each as by value_pair().
struct RowTexts {
  std::vector<std::string> removed;
  std::vector<std::string> added;
};
RowTexts row_texts(AttributeRow const& row, std::size_t columns);

/// The lines of an attribute that changes: scalars as `old -> new`, elements of lists and sets as
/// added and removed, members of objects by their path, texts of several lines line by line.
void print_attribute(Paper& paper, std::size_t indent, AttributeChange const& change);
/// "description: no longer managed, stays ..."
void print_released(Paper& paper, std::size_t indent, AttributeChange const& change);
/// "description: drift: changed outside of Tenantry, ... -> ..."
void print_drift(Paper& paper, std::size_t indent, AttributeChange const& change);

}  // namespace tenantry::plans
