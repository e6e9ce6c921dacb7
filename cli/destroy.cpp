#include "cli/apply_flow.hpp"
#include "cli/apply_report.hpp"
#include "cli/planning.hpp"

namespace tenantry::cli {

void declare(Options& options, DestroyArguments& arguments) {
  options.flag("--auto-approve", arguments.auto_approve, "Do not ask");
  options.flag("--json", arguments.json, "Write one JSON event a line to standard output");
  options.text("--reason", "TEXT", arguments.reason, "Why; kept in the history");
  declare(options, arguments.report);
  declare(options, arguments.planning);
  options.examples({{"tenantry destroy --target acme", "Delete what is managed in one tenant"},
                    {"tenantry destroy --allow-deactivate",
                     "Deactivate the tenants instead; their content is kept until the purge"}});
}

Exit run_destroy(Invocation& invocation, DestroyArguments const& arguments) {
  ApplyFlow flow;
  flow.planning = arguments.planning;
  flow.report = arguments.report;
  flow.planning.destroy = true;
  flow.auto_approve = arguments.auto_approve;
  flow.json = arguments.json;
  flow.reason = arguments.reason.value_or("");
  flow.question = arguments.planning.allow_deactivate
                      ? "Deactivate the tenants listed above? Only \"yes\" is accepted: "
                      : "Delete everything listed above? Only \"yes\" is accepted: ";
  return run_apply_flow(invocation, flow);
}

}  // namespace tenantry::cli
