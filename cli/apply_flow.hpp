// Plan, ask, apply, report: what apply and destroy do.
#pragma once
#include <optional>
#include <string>

#include "cli/commands.hpp"

namespace tenantry::cli {

/// One apply, whichever command asked for it.
struct ApplyFlow {
  PlanningArguments planning;
  ReportArguments report;
  std::optional<std::string> plan_file;  ///< carried out as it is; it was looked at before
  bool refresh_only = false;
  bool adopt_only = false;
  bool auto_approve = false;
  bool json = false;
  std::string reason;
  std::string question;  ///< ends where the answer is typed
};

/// Carries `flow` out. Where an answer would be needed and nobody can give it, it refuses before
/// anything else is done.
Exit run_apply_flow(Invocation& invocation, ApplyFlow const& flow);

}  // namespace tenantry::cli
