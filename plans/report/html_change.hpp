// One change of an HTML report. Internal to this layer.
#pragma once
#include <string>

#include "plans/report.hpp"

namespace tenantry::plans {

/// How a change is shown besides what it does.
struct ChangeView {
  std::string address;                     ///< as it is to be shown, not escaped
  ChangeOutcome const* outcome = nullptr;  ///< may be null
  bool is_open = false;                    ///< its differences are unfolded
};

/// `<details class="change">`, or a line where there is nothing to unfold.
std::string html_of(Change const& change, ChangeView const& view);

/// The class that gives an action its colours.
std::string_view class_of(Action action);
/// `text` made visible and escaped.
std::string html_text(std::string_view text);
/// The same as `<code>`.
std::string html_code_text(std::string_view text);

}  // namespace tenantry::plans
