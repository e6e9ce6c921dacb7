// Plans for people and for tools.
#pragma once
#include <string>

#include "plans/plan.hpp"

namespace tenantry::plans {

struct TextOptions {
  bool color = false;
  std::size_t width = 100;    ///< columns
  std::size_t groups_of = 2;  ///< from so many tenants on, equal changes are shown once
};

/// For a terminal: the tenants that differ first and in full, equal changes once with a count,
/// guards, drift, released attributes, errors, then the summary and cost lines.
std::string to_text(Plan const& plan, TextOptions const& options);

/// "Plan: 3 to create, 1 to update, 2 to delete." and the like; "No changes." when there are none.
std::string summary_line(Plan const& plan);

/// "Cost: 12 reads, 40 writes; about 24 s at Qlik's rate limits." One tenant's writes pass at 100 a
/// minute after a burst of 500; tenants are independent, so the slowest tenant counts.
std::string cost_line(Plan const& plan);

/// Terraform's plan representation (format_version "1.2"): resource_changes, resource_drift,
/// prior_state left out; Tenantry's own additions under the key "tenantry". Sensitive values null
/// with their marks in before_sensitive/after_sensitive.
Value to_terraform_json(Plan const& plan);

}  // namespace tenantry::plans
