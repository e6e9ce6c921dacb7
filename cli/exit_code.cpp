#include "cli/exit_code.hpp"

#include <algorithm>

namespace tenantry::cli {

Exit exit_of(RunOutcome const& outcome) {
  if (outcome.interrupted) return Exit::interrupted;
  if (outcome.guarded) return Exit::guard;
  if (outcome.stale) return Exit::partial;
  if (outcome.failed) return outcome.applied ? Exit::partial : Exit::failed;
  if (outcome.differs) return Exit::changes;
  return Exit::done;
}

RunOutcome outcome_of(plans::Plan const& plan, DetailedExit detailed) {
  RunOutcome outcome;
  outcome.failed = plan.has_errors();
  outcome.differs = detailed == DetailedExit::on && plan.has_changes();
  return outcome;
}

RunOutcome outcome_of(run::ApplyReport const& report) {
  RunOutcome outcome;
  outcome.interrupted = report.interrupted;
  outcome.guarded = report.stopped_by_guard;
  outcome.failed = report.some_tenant_failed || !report.is_all_done();
  outcome.applied = report.done > 0;
  outcome.stale = report.count(run::Status::stale) > 0;
  return outcome;
}

RunOutcome outcome_of(Error const& error) {
  RunOutcome outcome;
  outcome.failed = true;
  outcome.interrupted = error.code == Errc::cancelled;
  outcome.guarded = error.code == Errc::guard;
  return outcome;
}

bool has_drift(plans::Plan const& plan) {
  return std::ranges::any_of(plan.tenants, [](auto const& t) { return t.live_differs; });
}

}  // namespace tenantry::cli
