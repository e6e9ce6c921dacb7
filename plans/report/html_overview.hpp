// What stands around the changes in an HTML report. Internal to this layer.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "plans/report.hpp"
#include "plans/report/model.hpp"

namespace tenantry::plans {

/// "12 changes in 4 of 600 tenants", "2 changes in 1 tenant". Not escaped; nothing of it comes from
/// outside.
std::string title_text(Plan const& plan, ReportOptions const& options, Report const& report);

/// Actions that the plan has, what destroys first.
std::vector<std::pair<Action, std::size_t>> shown_actions(Report const& report);
/// "to create", "drifted or moved": what stands behind a number; "create" after an apply.
std::string action_words(Action action, bool is_applied);

std::string header_html(Plan const& plan, ReportOptions const& options, Report const& report);
/// Errors, guards, and the fleet.
std::string overview_html(Plan const& plan, ReportOptions const& options, Report const& report);
/// Warnings, tenants that nobody manages.
std::string rest_html(Plan const& plan, Report const& report);
std::string footer_html(Plan const& plan);
/// How many changes of each action a tenant has.
std::string pills_html(ActionCounts const& counts);

}  // namespace tenantry::plans
