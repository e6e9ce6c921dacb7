#include "cli/apply_flow.hpp"
#include "cli/apply_report.hpp"
#include "cli/planning.hpp"

namespace tenantry::cli {

void declare(Options& options, ApplyArguments& arguments) {
  options.positional("PLAN", Need::optional, arguments.plan_file,
                     "A plan saved by plan --out; it is carried out without a question");
  options.flag("--auto-approve", arguments.auto_approve, "Do not ask");
  options.flag("--adopt-only", arguments.adopt_only, "Take over what exists, and change nothing");
  options.flag("--refresh-only", arguments.refresh_only, "Show drift alone");
  options.flag("--destroy", arguments.planning.destroy, "Do what destroy does");
  options.flag("--json", arguments.json, "Write one JSON event a line to standard output");
  options.text("--reason", "TEXT", arguments.reason, "Why; kept in the history");
  declare(options, arguments.report);
  declare(options, arguments.planning);
  options.examples({{"tenantry apply", "Show the changes, ask, carry them out"},
                    {"tenantry apply tenantry.plan", "Carry out what was reviewed"},
                    {"tenantry apply --emulated --auto-approve", "Try it without an account"}});
}

Exit run_apply(Invocation& invocation, ApplyArguments const& arguments) {
  ApplyFlow flow;
  flow.planning = arguments.planning;
  flow.report = arguments.report;
  flow.plan_file = arguments.plan_file;
  flow.refresh_only = arguments.refresh_only;
  flow.adopt_only = arguments.adopt_only;
  flow.auto_approve = arguments.auto_approve;
  flow.json = arguments.json;
  flow.reason = arguments.reason.value_or("");
  flow.question = arguments.planning.destroy
                      ? "Destroy what is listed above? Only \"yes\" is accepted: "
                      : "Apply these changes? Only \"yes\" is accepted: ";
  return run_apply_flow(invocation, flow);
}

}  // namespace tenantry::cli
