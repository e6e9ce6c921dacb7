#include "engine/run/state_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/core/text.hpp"
#include "engine/run/moves.hpp"

namespace tenantry::run {
namespace {

std::vector<Address> selected(state::TenantState const& state,
                              std::vector<std::string> const& patterns) {
  std::vector<Address> out;
  for (auto const& [address, record] : state.resources) {
    bool const meant =
        std::ranges::any_of(patterns, [&](auto const& p) { return selects(p, address); });
    if (meant) out.push_back(address);
  }
  return out;
}

void add_names(state::TenantState const& state, std::vector<std::string>& names) {
  for (auto const& [address, record] : state.resources) names.push_back(address.text());
}

state::Intent intent_of(Address address, std::string action, RemoteId id, state::Run const& run) {
  state::Intent intent;
  intent.address = std::move(address);
  intent.action = std::move(action);
  intent.id = std::move(id);
  intent.run_id = run.id;
  intent.started_at = run.started_at;
  return intent;
}

}  // namespace

Task<std::vector<Address>> forget(state::Store& store, std::vector<std::string> patterns,
                                  state::Run run, state::LockOwner owner,
                                  std::chrono::milliseconds lock_timeout) {
  auto keys = co_await store.tenants();
  if (!keys) co_return keys.error();
  std::vector<Address> removed;
  std::vector<std::string> known;
  for (auto const& key : *keys) {
    auto state = co_await store.load(key);
    if (!state) co_return state.error();
    add_names(*state, known);
    if (selected(*state, patterns).empty()) continue;
    auto lock = co_await store.lock(key, owner, lock_timeout);
    if (!lock) co_return lock.error();
    state = co_await store.load(key);  // it may have moved before the lock was ours
    if (!state) co_return state.error();
    if (removed.empty()) {
      auto begun = co_await store.begin_run(run);
      if (!begun) co_return begun.error();
    }
    auto addresses = selected(*state, patterns);
    std::vector<state::Intent> intents;
    for (auto const& address : addresses) {
      intents.push_back(intent_of(address, "forget", state->find(address)->id, run));
    }
    auto stored = co_await store.move(std::move(intents), {}, addresses);
    if (!stored) co_return stored.error();
    removed.insert(removed.end(), addresses.begin(), addresses.end());
  }
  if (removed.empty()) {
    co_return Error(Errc::not_found,
                    fmt::format("nothing in the state matches {}{}", fmt::join(patterns, ", "),
                                did_you_mean(patterns.front(), known)),
                    "tenantry state list shows what is there");
  }
  co_return removed;
}

namespace {

Result<void> check_move(plans::Move const& move) {
  bool const fits = move.from.is_tenant() ? move.to.is_tenant()
                                          : move.from.tenant == move.to.tenant &&
                                                move.from.section == move.to.section;
  if (fits && move.from != move.to) return {};
  return Error(Errc::invalid, fmt::format("{} cannot become {}", move.from.text(), move.to.text()),
               "a resource moves within its tenant and section, a tenant as a whole");
}

/// `tenants` are the keys of all that the state has.
Result<void> check_movable(state::TenantState const& source, state::TenantState const& target,
                           plans::Move const& move, std::vector<std::string> const& tenants) {
  if (source.find(move.from) == nullptr) {
    std::vector<std::string> known = tenants;
    add_names(source, known);
    return Error(Errc::not_found,
                 fmt::format("{} is not in the state{}", move.from.text(),
                             did_you_mean(move.from.text(), known)),
                 "tenantry state list shows what is there");
  }
  bool const taken =
      move.to.is_tenant() ? !target.resources.empty() : target.find(move.to) != nullptr;
  if (taken) {
    return Error(Errc::conflict, fmt::format("{} is in the state already", move.to.text()),
                 fmt::format("forget it first: tenantry state rm {}", move.to.text()));
  }
  if (source.open.empty() && target.open.empty()) return {};
  return Error(Errc::conflict, "an operation has no outcome yet",
               "run tenantry plan, which settles it, or answer it by tenantry state resolve");
}

}  // namespace

Task<void> move(state::Store& store, plans::Move move, state::Run run, state::LockOwner owner,
                std::chrono::milliseconds lock_timeout) {
  auto checked = check_move(move);
  if (!checked) co_return checked.error();
  std::vector<std::unique_ptr<state::TenantLock>> locks;
  for (auto const& key : std::set<std::string>{move.from.tenant, move.to.tenant}) {
    auto lock = co_await store.lock(key, owner, lock_timeout);
    if (!lock) co_return lock.error();
    locks.push_back(std::move(*lock));
  }
  auto source = co_await store.load(move.from.tenant);
  if (!source) co_return source.error();
  auto target = co_await store.load(move.to.tenant);
  if (!target) co_return target.error();
  auto const tenants = co_await store.tenants();
  if (!tenants) co_return tenants.error();
  checked = check_movable(*source, *target, move, *tenants);
  if (!checked) co_return checked.error();
  auto begun = co_await store.begin_run(run);
  if (!begun) co_return begun.error();
  std::vector<plans::Move> const moves{move};
  co_return co_await store_moves(store, std::move(*source), moves, run.id, run.started_at);
}

Task<void> resolve(state::Store& store, Address address, RemoteId created, std::string hostname,
                   state::Run run, state::LockOwner owner, Clock& clock) {
  auto lock = co_await store.lock(address.tenant, owner, std::chrono::milliseconds(0));
  if (!lock) co_return lock.error();
  auto state = co_await store.load(address.tenant);
  if (!state) co_return state.error();
  auto const open = std::ranges::find_if(state->open, [&](auto const& o) {
    bool const creates = o.intent.action == "create" || o.intent.action == "replace";
    // What else is open in a tenant is found out without a person.
    return o.intent.address == address && (creates || (created.empty() && address.is_tenant()));
  });
  if (open == state->open.end()) {
    co_return Error(Errc::not_found,
                    fmt::format("no {} of {} is open",
                                created.empty() && address.is_tenant() ? "operation" : "creation",
                                address.text()),
                    "there is nothing to resolve; tenantry plan shows what is to do");
  }
  auto begun = co_await store.begin_run(run);
  if (!begun) co_return begun.error();
  std::vector<state::Intent> answers{intent_of(address, "resolve", created, run)};
  state::Outcome outcome;
  if (created.empty()) {
    outcome.status = state::OutcomeStatus::dropped;
  } else {
    state::ResourceRecord row;
    row.address = address;
    row.id = std::move(created);
    if (address.is_tenant()) {
      row.extra = {{"hostname", hostname},
                   {"region", text_at(open->intent.context, "region")},
                   {"status", "active"}};
    }
    row.created_at = format_time(clock.wall());
    row.updated_at = row.created_at;
    outcome.upsert = std::move(row);
  }
  auto finished = co_await store.finish(open->id, std::move(outcome));
  if (!finished) co_return finished.error();
  co_return co_await store.move(std::move(answers), {}, {});
}

}  // namespace tenantry::run
