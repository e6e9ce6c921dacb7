#include <fmt/format.h>

#include "cli/process.hpp"
#include "cli/state_access.hpp"
#include "engine/core/text.hpp"
#include "engine/run/state_commands.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {

void declare(Options& options, StateMoveArguments& arguments) {
  options.positional("FROM", Need::required, arguments.from, "The address in the state");
  options.positional("TO", Need::required, arguments.to, "The address that it is to have");
  options.flag("--json", arguments.json, "Give what was moved as JSON");
  options.text("--reason", "TEXT", arguments.reason, "Kept in the history");
  options.number("--lock-timeout", "SECONDS", {0, 86'400}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  declare(options, arguments.configuration);
  options.examples(
      {{"tenantry state mv acme/groups/analysts acme/groups/report-analysts",
        "Follow a renamed key"},
       {"tenantry state mv acme acme-corp", "Follow a renamed tenant, with all that is in it"}});
}

Exit run_state_move(Invocation& invocation, StateMoveArguments const& arguments) {
  auto const from = parse_address(*arguments.from);
  if (!from) return fail(invocation, from.error());
  auto const to = parse_address(*arguments.to);
  if (!to) return fail(invocation, to.error());
  auto access = StateAccess::open(invocation, arguments.configuration, state::OpenMode::existing);
  if (!access) return fail(invocation, access.error());
  auto owner = state::this_process("tenantry state mv", invocation.clock);
  auto run = state::this_run("tenantry state mv", commit_of("."), arguments.reason.value_or(""),
                             invocation.clock, invocation.random);
  auto const moved =
      (*access)->run(run::move((*access)->store(), {*from, *to}, std::move(run), std::move(owner),
                               std::chrono::seconds(arguments.lock_timeout_seconds)));
  if (!moved) return fail(invocation, moved.error());
  if (arguments.json) {
    Object const result{{"from", from->text()}, {"to", to->text()}};
    invocation.console.out(pretty(result) + '\n');
  } else {
    invocation.console.out(fmt::format("moved: {} is {} now\n", from->text(), to->text()));
  }
  return Exit::done;
}

}  // namespace tenantry::cli
