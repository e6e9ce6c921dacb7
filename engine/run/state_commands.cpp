#include "engine/run/state_commands.hpp"

#include <fmt/format.h>

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

}  // namespace

Task<std::vector<Address>> forget(state::Store& store, std::vector<std::string> patterns,
                                  state::LockOwner owner, std::chrono::milliseconds lock_timeout) {
  auto keys = co_await store.tenants();
  if (!keys) co_return keys.error();
  std::vector<Address> removed;
  for (auto const& key : *keys) {
    auto state = co_await store.load(key);
    if (!state) co_return state.error();
    if (selected(*state, patterns).empty()) continue;
    auto lock = co_await store.lock(key, owner, lock_timeout);
    if (!lock) co_return lock.error();
    state = co_await store.load(key);  // it may have moved before the lock was ours
    if (!state) co_return state.error();
    auto addresses = selected(*state, patterns);
    auto put = co_await store.put(key, {}, addresses);
    if (!put) co_return put.error();
    removed.insert(removed.end(), addresses.begin(), addresses.end());
  }
  if (removed.empty()) {
    co_return Error(Errc::not_found,
                    fmt::format("nothing in the state matches {}", fmt::join(patterns, ", ")),
                    "tenantry state list shows what is there");
  }
  co_return removed;
}

Task<void> resolve(state::Store& store, Address address, RemoteId created, std::string hostname,
                   state::LockOwner owner, Clock& clock) {
  auto lock = co_await store.lock(address.tenant, owner, std::chrono::milliseconds(0));
  if (!lock) co_return lock.error();
  auto state = co_await store.load(address.tenant);
  if (!state) co_return state.error();
  auto const open = std::ranges::find_if(state->open, [&](auto const& o) {
    return o.intent.address == address && o.intent.action == "create";
  });
  if (open == state->open.end()) {
    co_return Error(Errc::not_found, fmt::format("no creation of {} is open", address.text()),
                    "there is nothing to resolve; tenantry plan shows what is to do");
  }
  state::Outcome outcome;
  if (created.empty()) {
    outcome.status = state::OutcomeStatus::dropped;
  } else {
    state::ResourceRecord row;
    row.address = address;
    row.id = std::move(created);
    row.extra = {{"hostname", hostname},
                 {"region", text_at(open->intent.context, "region")},
                 {"status", "active"}};
    row.created_at = format_time(clock.wall());
    row.updated_at = row.created_at;
    outcome.upsert = std::move(row);
  }
  co_return co_await store.finish(open->id, std::move(outcome));
}

}  // namespace tenantry::run
