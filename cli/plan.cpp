#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/planning.hpp"
#include "cli/progress_view.hpp"
#include "cli/report.hpp"
#include "engine/core/atomic_file.hpp"
#include "plans/plan_file.hpp"

namespace tenantry::cli {

void declare(Options& options, PlanArguments& arguments) {
  options.text("--out", "FILE", arguments.out, "Save the plan for apply FILE; it holds no secret");
  declare_format(options, arguments.format, arguments.json);
  options.flag("--detailed-exitcode", arguments.detailed_exitcode,
               "Exit with 2 when there are changes");
  options.flag("--refresh-only", arguments.refresh_only, "Show drift alone");
  options.flag("--show-unmanaged", arguments.show_unmanaged,
               "Also list the tenants of the organization that nobody manages");
  options.flag("--destroy", arguments.planning.destroy, "Plan what destroy would do");
  declare(options, arguments.planning);
  options.examples({{"tenantry plan --out tenantry.plan", "Show the changes and save them"},
                    {"tenantry plan --target 'acme/groups/*' --json",
                     "Show one tenant's groups, for a policy checker"}});
}

namespace {

/// What a plan that takes the place of this one is made with.
std::vector<std::string> flags_of(PlanArguments const& arguments,
                                  std::optional<Shard> const& shard) {
  auto planning = arguments.planning;
  if (shard) planning.shard = shard->text();  // also where the environment said so
  auto words = planning_words(planning);
  if (planning.no_refresh) words.emplace_back("--no-refresh");
  if (arguments.refresh_only) words.emplace_back("--refresh-only");
  return words;
}

Exit finish(Invocation& invocation, plans::Plan const& plan, PlanArguments const& arguments,
            PlanFormat format, plans::UnchangedFile const* unchanged, std::string const& salt) {
  auto& console = invocation.console;
  console.err(diagnostics_text(plan.warnings, console.style().log_level));
  auto const shown = show_plan(invocation, plan, format, unchanged);
  if (!shown) return fail(invocation, shown.error());
  auto outcome =
      outcome_of(plan, arguments.detailed_exitcode ? DetailedExit::on : DetailedExit::off);
  if (arguments.detailed_exitcode && arguments.refresh_only) {
    outcome.differs = outcome.differs || has_drift(plan);
  }
  if (!arguments.out) return exit_of(outcome);
  auto const written = plans::write_plan(*arguments.out, plan, salt);
  if (!written) return fail(invocation, written.error());
  PlanningArguments flags;
  flags.configuration = arguments.planning.configuration;
  console.note(fmt::format("Saved to {}. To carry it out: {} {}", shell_word(*arguments.out),
                           command_again(invocation, "apply", flags), shell_word(*arguments.out)));
  return exit_of(outcome);
}

}  // namespace

Exit run_plan(Invocation& invocation, PlanArguments const& arguments) {
  auto const format = plan_format(arguments.format, arguments.json);
  if (!format) return fail(invocation, format.error());
  if (arguments.planning.changed && arguments.refresh_only) {
    return fail(invocation, contradicts_changed("--refresh-only"));
  }
  if (arguments.out) {  // before hours of reading
    auto const usable = AtomicFile::check(*arguments.out);
    if (!usable) return fail(invocation, usable.error());
  }
  auto const selection = select_tenants(invocation, arguments.planning);
  if (!selection) return fail(invocation, selection.error());
  if (arguments.show_unmanaged && arguments.planning.no_refresh) {
    return fail(invocation, Error(Errc::invalid,
                                  "tenants that nobody manages cannot be seen with "
                                  "--no-refresh: it asks nobody"));
  }
  auto const configuration = load_configuration(invocation, arguments.planning.configuration);
  if (!configuration) return Exit::failed;

  ProgressView progress(invocation.console, invocation.clock);
  auto request = run_request(configuration, arguments.planning, *selection);
  request.mostly_reads = true;
  if (arguments.planning.no_refresh) request.network = Network::unused;
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());
  (*environment)->on_tick([&progress] { progress.tick(); });
  auto options = plan_options(invocation, arguments.planning, *selection);
  options.refresh_only = arguments.refresh_only;
  options.show_unmanaged = arguments.show_unmanaged;
  UnchangedListing unchanged;
  auto const attached = unchanged.attach(options, *format);
  if (!attached) return fail(invocation, attached.error());
  auto plan = make_plan(**environment, std::move(options));
  progress.finish();
  invocation.console.debug(fmt::format("{} calls", (*environment)->calls()));
  if (!plan) return fail(invocation, plan.error());
  plan->flags = flags_of(arguments, plan->shard);
  return finish(invocation, *plan, arguments, *format, unchanged.file(),
                (*environment)->store().info().salt);
}

}  // namespace tenantry::cli
