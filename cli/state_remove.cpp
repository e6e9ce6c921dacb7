#include <fmt/format.h>

#include "cli/process.hpp"
#include "cli/state_access.hpp"
#include "engine/core/text.hpp"
#include "engine/run/state_commands.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {

void declare(Options& options, StateRemoveArguments& arguments) {
  options.positionals("ADDRESS", Need::required, arguments.patterns,
                      "Addresses or globs; a tenant stands for everything in it");
  options.flag("--json", arguments.json, "Give what was forgotten as JSON");
  options.text("--reason", "TEXT", arguments.reason, "Kept in the history");
  options.number("--lock-timeout", "SECONDS", {0, 86'400}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  declare(options, arguments.configuration);
  options.examples(
      {{"tenantry state rm acme/groups/analysts", "Forget one group, and leave it live"},
       {"tenantry state rm acme", "Forget a tenant and everything in it"}});
}

Exit run_state_remove(Invocation& invocation, StateRemoveArguments const& arguments) {
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::existing);
  if (!access) return fail(invocation, access.error());
  auto owner = state::this_process("tenantry state rm", invocation.clock);
  auto run = state::this_run("tenantry state rm", commit_of("."), arguments.reason.value_or(""),
                             invocation.clock, invocation.random);
  auto const removed = (*access)->run(
      run::forget((*access)->store(), arguments.patterns, std::move(run), std::move(owner),
                  std::chrono::seconds(arguments.lock_timeout_seconds)));
  if (!removed) return fail(invocation, removed.error());
  Array json;
  std::string text;
  for (auto const& address : *removed) {
    json.emplace_back(address.text());
    text += fmt::format("forgotten: {}\n", visible(address.text()));
  }
  invocation.console.out(arguments.json ? pretty(json) + '\n' : text);
  return Exit::done;
}

}  // namespace tenantry::cli
