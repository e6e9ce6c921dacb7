// What of an attribute differs, whichever way it is shown. Internal to this layer.
#pragma once
#include <string>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// An attribute, or a member of one, whose two sides differ. Values are those of the change that it
/// was made from, which must outlive it.
struct AttributeRow {
  enum class Form {
    scalar,    ///< one value on each side; `removed` is empty where there was none
    order,     ///< a list whose elements stand in another order: both sides whole
    elements,  ///< of a list or set: those that leave and those that come
    lines,     ///< of a text: those between the first and the last that differ
  };
  std::string path;  ///< "limits.low", visible
  Form form = Form::scalar;
  bool is_new = false;  ///< there was nothing before
  std::vector<Value const*> removed;
  std::vector<Value const*> added;
  std::vector<std::string> removed_lines;  ///< Form::lines; as they are, not visible
  std::vector<std::string> added_lines;
  std::size_t unchanged = 0;  ///< elements or lines that stay
};

/// The rows of one attribute, members of objects by their path. None for a sensitive one.
std::vector<AttributeRow> rows_of(AttributeChange const& change);

}  // namespace tenantry::plans
