#include <fmt/format.h>

#include "cli/report.hpp"
#include "cli/state_access.hpp"
#include "cli/state_path.hpp"
#include "engine/core/text.hpp"
#include "engine/run/side_by_side.hpp"
#include "state/lock_owner.hpp"
#include "state/migrate_state.hpp"

namespace tenantry::cli {
namespace {

using Locks = std::vector<std::unique_ptr<state::TenantLock>>;

/// So that no other process is at work on any tenant. Side by side: a database takes many at once.
Task<Locks> lock_all(state::Store& store, Clock& clock, std::vector<std::string> tenants,
                     state::LockOwner owner, std::chrono::milliseconds timeout) {
  constexpr std::size_t kLocksAtOnce = 256;
  Locks locks(tenants.size());
  std::optional<Error> refusal;
  auto const lock_one = [&](std::size_t index) -> boost::asio::awaitable<void> {
    if (refusal) co_return;
    auto lock = co_await store.lock(tenants[index], owner, timeout);
    if (lock) {
      locks[index] = std::move(*lock);
    } else {
      refusal = lock.error();
    }
  };
  co_await run::side_by_side(clock, {.tenants = kLocksAtOnce}, tenants.size(), lock_one);
  if (refusal) co_return *refusal;
  co_return std::move(locks);
}

Result<state::MigrationReport> migrate(Invocation& invocation,
                                       StateMigrateArguments const& arguments,
                                       state::StateLocation const& from,
                                       state::StateLocation const& to) {
  auto source = state::open_tables(from);
  if (!source) return source.error();
  auto const head = (*source)->head();
  if (!head) return head.error();
  if (auto const moved = state::moved_error(head->tombstone, (*source)->location())) {
    // An earlier run may have been ended just before its end; then it is there already.
    auto target = state::open_tables(to);
    if (!target) return *moved;
    return state::migrate_state(**source, **target, invocation.clock);
  }
  auto access = StateAccess::open(invocation, from, state::OpenMode::existing);
  if (!access) return access.error();
  auto tenants = (*source)->tenants();
  if (!tenants) return tenants.error();
  auto owner = state::this_process("tenantry state migrate", invocation.clock);
  auto const locks = (*access)->run(
      lock_all((*access)->store(), invocation.clock, std::vector(tenants->begin(), tenants->end()),
               std::move(owner), std::chrono::seconds(arguments.lock_timeout_seconds)));
  if (!locks) return locks.error();
  auto target = state::make_tables(to, invocation.clock, invocation.random);
  if (!target) {
    auto error = target.error();
    // The old state is whole: what helps a damaged one is no advice here.
    if (error.code == Errc::corrupt) error.hint = "name a place where nothing is yet";
    return error;
  }
  return state::migrate_state(**source, **target, invocation.clock);
}

/// What the configuration, or whoever calls the program, has to say from now on.
std::string advice(StateMigrateArguments const& arguments, state::StateLocation const& to) {
  auto const* const file = std::get_if<std::filesystem::path>(&to);
  if (arguments.configuration.emulated) {
    auto const place =
        file ? std::filesystem::absolute(*file).lexically_normal().string() : *arguments.to;
    return fmt::format("from now on: --emulated --state {}", shell_word(place));
  }
  if (file == nullptr) {
    return "from now on: TENANTRY_STATE_DSN, or in the configuration\n"
           "  state: {backend: postgres, dsn: \"${var.stateDsn}\"}";
  }
  return fmt::format(
      "from now on: --state {0}, or in the configuration\n  state: {{backend: local, path: {0}}}",
      visible(std::filesystem::absolute(*file).lexically_normal().string()));
}

}  // namespace

void declare(Options& options, StateMigrateArguments& arguments) {
  options.text(
      "--to", "PLACE", arguments.to,
      "A file, postgresql://USER@HOST/DATABASE without a password, or env:NAME, a variable "
      "with a connection string");
  options.flag("--json", arguments.json, "Give what was moved as JSON");
  options.number("--lock-timeout", "SECONDS", {0, 86'400}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  declare(options, arguments.configuration);
  options.examples(
      {{"tenantry state migrate --to env:STATE_DSN", "Move a local state to a database"},
       {"tenantry --state postgresql://me@db/fleet state migrate --to tenantry.state",
        "Move it back; the password is in PGPASSWORD or ~/.pgpass"}});
}

Exit run_state_migrate(Invocation& invocation, StateMigrateArguments const& arguments) {
  if (!arguments.to) {
    return fail(invocation, Error(Errc::invalid, "state migrate needs --to PLACE",
                                  "a file, or postgresql://USER@HOST/DATABASE"));
  }
  auto const to = named_state(invocation, *arguments.to);
  if (!to) return fail(invocation, to.error());
  auto const from = location_of_state(invocation, arguments.configuration);
  if (!from) return fail(invocation, from.error());
  if (describe(*from) == describe(*to)) {
    return fail(invocation,
                Error(Errc::invalid, fmt::format("the state is in {} already", describe(*to)),
                      "name its present place by --state and the new one by --to"));
  }
  auto const moved = migrate(invocation, arguments, *from, *to);
  if (!moved) return fail(invocation, moved.error());
  if (arguments.json) {
    Object rows;
    for (auto const& [table, count] : moved->rows) rows[table] = count;
    Object const result{{"from", describe(*from)}, {"to", describe(*to)}, {"rows", rows}};
    invocation.console.out(pretty(result) + '\n');
    return Exit::done;
  }
  invocation.console.out(fmt::format("moved: {} in {} are in {} now\n",
                                     counted(moved->rows.at("resources"), "resource"),
                                     visible(describe(*from)), visible(describe(*to))));
  invocation.console.err(advice(arguments, *to) + '\n');
  return Exit::done;
}

}  // namespace tenantry::cli
