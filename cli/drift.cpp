#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/planning.hpp"
#include "cli/progress_view.hpp"

namespace tenantry::cli {

void declare(Options& options, DriftArguments& arguments) {
  declare_format(options, arguments.format, arguments.json);
  declare(options, arguments.planning);
  options.examples({{"tenantry drift", "Exit with 2 when something was changed by hand"},
                    {"tenantry drift --target acme --json", "Look at one tenant, for a program"}});
}

Exit run_drift(Invocation& invocation, DriftArguments const& arguments) {
  auto const format = plan_format(arguments.format, arguments.json);
  if (!format) return fail(invocation, format.error());
  auto const selection = select_tenants(invocation, arguments.planning);
  if (!selection) return fail(invocation, selection.error());
  if (arguments.planning.no_refresh) {
    return fail(invocation, Error(Errc::invalid, "drift cannot be seen with --no-refresh"));
  }
  if (arguments.planning.changed) {
    return fail(invocation, Error(Errc::invalid, "drift cannot be seen with --changed"));
  }
  auto const configuration = load_configuration(invocation, arguments.planning.configuration);
  if (!configuration) return Exit::failed;

  ProgressView progress(invocation.console, invocation.clock);
  auto request = run_request(configuration, arguments.planning, *selection);
  request.mostly_reads = true;
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());
  (*environment)->on_tick([&progress] { progress.tick(); });
  auto options = plan_options(invocation, arguments.planning, *selection);
  options.refresh_only = true;
  UnchangedListing unchanged;
  auto const attached = unchanged.attach(options, *format);
  if (!attached) return fail(invocation, attached.error());
  auto const plan = make_plan(**environment, std::move(options));
  progress.finish();
  invocation.console.debug(fmt::format("{} calls", (*environment)->calls()));
  if (!plan) return fail(invocation, plan.error());

  auto& console = invocation.console;
  console.err(diagnostics_text(plan->warnings, console.style().log_level));
  auto const shown = show_plan(invocation, *plan, *format, unchanged.file());
  if (!shown) return fail(invocation, shown.error());
  auto outcome = outcome_of(*plan, DetailedExit::on);
  outcome.differs = outcome.differs || has_drift(*plan);
  return exit_of(outcome);
}

}  // namespace tenantry::cli
