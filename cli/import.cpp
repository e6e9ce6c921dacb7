#include <fmt/format.h>

#include "cli/configuration_loading.hpp"
#include "cli/process.hpp"
#include "cli/progress_view.hpp"
#include "cli/run_environment.hpp"
#include "engine/core/text.hpp"
#include "engine/run/adoption.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {

void declare(Options& options, ImportArguments& arguments) {
  options.positional("ADDRESS", Need::required, arguments.address,
                     "What it is to be managed as: declared, and not in the state");
  options.positional("ID", Need::required, arguments.id, "The id that Qlik Cloud gave it");
  options.text("--hostname", "HOST", arguments.hostname,
               "Host name of a tenant; else that of its block, or of the organization's list");
  options.flag("--json", arguments.json, "Give what was taken over as JSON");
  options.text("--reason", "TEXT", arguments.reason, "Kept in the history");
  options.number("--lock-timeout", "SECONDS", {0, 86'400}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  declare(options, arguments.configuration);
  options.examples({{"tenantry import acme/groups/analysts 65f1c0ffee65f1c0ffee0001",
                     "Take over one group, and change nothing"},
                    {"tenantry import acme BL4tTJ4S7xrHTcq0zQxQrJ5qB1_Q6cSo",
                     "Take over a tenant, without what is in it"}});
}

namespace {

Task<run::ApplyReport> import_object(run::Context& context, run::ImportRequest request,
                                     run::PlanOptions planning, run::ApplyOptions applying,
                                     std::vector<std::string>& differs) {
  auto plan = co_await run::plan_import(context, std::move(request), planning, differs);
  if (!plan) co_return plan.error();
  co_return co_await run::apply_plan(context, *plan, std::move(applying));
}

void tell(Console& console, ImportArguments const& arguments,
          std::vector<std::string> const& differs) {
  if (arguments.json) {
    Array names;
    for (auto const& name : differs) names.emplace_back(name);
    Object const result{
        {"address", *arguments.address}, {"id", *arguments.id}, {"differs", std::move(names)}};
    console.out(pretty(result) + '\n');
    return;
  }
  console.out(fmt::format("imported: {} is {}\n", *arguments.address, visible(*arguments.id)));
  if (differs.empty()) return;
  console.out(fmt::format("not as configured: {}; the next plan shows what that changes\n",
                          join_words(differs)));
}

/// The one change of the report: why it was not made, if it was not.
std::optional<Error> failure_of(run::ApplyReport const& report) {
  if (report.is_all_done()) return std::nullopt;
  if (report.changes.empty()) return Error(Errc::cancelled, report.not_begun.front().reason);
  auto const& change = report.changes.front();
  if (change.error) return change.error;
  return Error(Errc::cancelled, change.reason);
}

}  // namespace

Exit run_import(Invocation& invocation, ImportArguments const& arguments) {
  auto const address = parse_address(*arguments.address);
  if (!address) return fail(invocation, address.error());
  if (arguments.hostname && !address->is_tenant()) {
    return fail(invocation, Error(Errc::invalid, "--hostname is for tenants"));
  }
  auto const configuration = load_configuration(invocation, arguments.configuration);
  if (!configuration) return Exit::failed;

  std::chrono::seconds const lock_timeout(arguments.lock_timeout_seconds);
  RunRequest request;
  request.configuration = configuration;
  if (arguments.configuration.emulated) request.target = config::Target::emulated;
  request.selection.targets = {address->tenant};
  request.lock_timeout = lock_timeout;
  ProgressView progress(invocation.console, invocation.clock);
  auto environment = RunEnvironment::open(invocation, std::move(request), progress);
  if (!environment) return fail(invocation, environment.error());

  run::LockSet locks;
  run::PlanOptions planning;
  planning.owner = state::this_process("tenantry import", invocation.clock);
  planning.lock_timeout = lock_timeout;
  planning.locks = &locks;
  run::ApplyOptions applying;
  applying.run =
      state::this_run("tenantry import", commit_of(configuration->folder()),
                      arguments.reason.value_or(""), invocation.clock, invocation.random);
  applying.owner = planning.owner;
  applying.locks = &locks;
  std::vector<std::string> differs;
  auto& self = **environment;
  run::ImportRequest const what{*address, RemoteId(*arguments.id), arguments.hostname.value_or("")};
  auto const report =
      self.run(import_object(self.context(), what, planning, std::move(applying), differs));
  progress.finish();
  if (!report) return fail(invocation, report.error());
  if (auto const failure = failure_of(*report)) {
    invocation.console.error(*failure);
    return exit_of(outcome_of(*report));
  }
  tell(invocation.console, arguments, differs);
  return Exit::done;
}

}  // namespace tenantry::cli
