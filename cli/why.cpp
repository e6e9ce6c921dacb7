#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/explanation_view.hpp"
#include "cli/planning.hpp"
#include "cli/progress_view.hpp"
#include "engine/core/characters.hpp"
#include "plans/plan_file.hpp"

namespace tenantry::cli {

void declare(Options& options, WhyArguments& arguments) {
  options.positional("ADDRESS", Need::required, arguments.address, "acme or acme/groups/analysts");
  options.text("--plan", "FILE", arguments.plan_file,
               "Explain by a saved plan, also what a limit over the whole run stops");
  options.flag("--no-refresh", arguments.no_refresh,
               "Explain against the state alone: no network, no credentials");
  options.flag("--adopt", arguments.adopt,
               "Take over what exists under the same natural key instead of refusing it");
  options.flag("--json", arguments.json, "Give the explanation as JSON");
  options.number("--lock-timeout", "SECONDS", {0, 86'400}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  declare(options, arguments.configuration);
  options.excludes("--plan", "--no-refresh");
  options.excludes("--plan", "--adopt");
  options.examples(
      {{"tenantry why acme/groups/analysts", "Tell what puts a change there, or why there is none"},
       {"tenantry why acme --no-refresh --json", "The same of a tenant, offline, for a program"}});
}

namespace {

/// The plan of the one tenant, with all that stays as it is.
run::PlanOptions options_of(Invocation& invocation, WhyArguments const& arguments,
                            Address const& address) {
  PlanningArguments planning;
  planning.configuration = arguments.configuration;
  planning.no_refresh = arguments.no_refresh;
  planning.adopt = arguments.adopt;
  planning.lock_timeout_seconds = arguments.lock_timeout_seconds;
  run::Selection selection;
  selection.targets = {address.tenant};
  auto options = plan_options(invocation, planning, std::move(selection));
  options.unchanged = run::Unchanged::listed;
  return options;
}

/// By `plan`, which must have the tenant of `address` where anybody knows it.
Task<run::Explanation> explain_by(run::Context& context, plans::Plan const& plan, Address address) {
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    if (plan.tenants[i].key != address.tenant) continue;
    auto const tenant = plan.tenants.read(i);
    if (!tenant) co_return tenant.error();
    co_return co_await run::explain(context, *tenant, address);
  }
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  co_return run::unknown_tenant(context.configuration, std::move(*known), address);
}

Task<run::Explanation> explain(run::Context& context, run::PlanOptions options, Address address) {
  auto const plan = co_await run::make_plan(context, std::move(options));
  if (!plan) co_return plan.error();
  co_return co_await explain_by(context, *plan, std::move(address));
}

Result<run::Explanation> explain(Invocation& invocation, WhyArguments const& arguments,
                                 RunEnvironment& environment, Address const& address) {
  auto& context = environment.context();
  if (!arguments.plan_file) {
    return environment.run(explain(context, options_of(invocation, arguments, address), address));
  }
  auto const plan = plans::read_plan(*arguments.plan_file);
  if (!plan) return plan.error();
  return environment.run(explain_by(context, *plan, address));
}

}  // namespace

Exit run_why(Invocation& invocation, WhyArguments const& arguments) {
  auto const address = parse_address(*arguments.address);
  if (!address) return fail(invocation, address.error());
  auto const configuration = load_configuration(invocation, arguments.configuration);
  if (!configuration) return Exit::failed;

  ProgressView progress(invocation.console, invocation.clock);
  RunRequest request;
  request.configuration = configuration;
  if (arguments.configuration.emulated) request.target = config::Target::emulated;
  if (arguments.no_refresh || arguments.plan_file) request.network = Network::unused;
  request.selection.targets = {address->tenant};
  request.lock_timeout = std::chrono::seconds(arguments.lock_timeout_seconds);
  request.mostly_reads = true;
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());
  auto const explanation = explain(invocation, arguments, **environment, *address);
  progress.finish();
  if (!explanation) return fail(invocation, explanation.error());
  auto& console = invocation.console;
  console.out(arguments.json ? with_visible_strings(pretty(to_json(*explanation))) + '\n'
                             : to_text(*explanation, console.style().columns));
  return explanation->error ? Exit::failed : Exit::done;
}

}  // namespace tenantry::cli
