#include "engine/run/moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tenantry::run {
namespace {

Address renamed(Address address, plans::Move const& move) {
  if (move.from.is_tenant()) {
    if (address.tenant == move.from.tenant) address.tenant = move.to.tenant;
  } else if (address == move.from) {
    address = move.to;
  }
  return address;
}

/// Where the row of `from` goes in the end, however many moves follow each other.
Address destination(config::Configuration const& configuration, Address from) {
  auto const& moved = configuration.moved();
  for (std::size_t steps = 0; steps <= moved.size() + 1; ++steps) {
    auto const next =
        std::ranges::find_if(moved, [&](auto const& m) { return config::means(m.from, from); });
    if (next != moved.end()) {
      from = {from.is_tenant() ? next->to.tenant : from.tenant, next->to.section, next->to.key};
      continue;
    }
    auto const* renamed =
        from.is_tenant() ? configuration.former_keys().entry(from.tenant) : nullptr;
    if (renamed == nullptr) break;
    from.tenant = renamed->present;
  }
  return from;
}

/// Former keys of `key` by `moved` and by fleets, and theirs.
void collect_former(config::Configuration const& configuration, std::string const& key,
                    std::set<std::string>& out) {
  auto const add = [&](std::string const& former) {
    if (out.insert(former).second) collect_former(configuration, former, out);
  };
  for (auto const& moved : configuration.moved()) {
    if (moved.from.is_tenant() && moved.to.tenant == key) add(moved.from.tenant);
  }
  for (auto const& former : configuration.former_keys().of(key)) add(former);
}

Error both_exist(Address const& from, Address const& to, std::string const& where) {
  return {Errc::conflict,
          fmt::format("{}: {} cannot become {}: the state has both", where, from.text(), to.text()),
          fmt::format("forget the one that is not meant: tenantry state rm {}", from.text())};
}

std::string place_of(config::Configuration const& configuration, Address const& from) {
  auto const found = std::ranges::find_if(
      configuration.moved(), [&](auto const& moved) { return config::means(moved.from, from); });
  return found == configuration.moved().end() ? "moved" : found->where.text();
}

}  // namespace

std::vector<std::string> former_keys(config::Configuration const& configuration,
                                     std::string const& key) {
  std::set<std::string> keys;
  collect_former(configuration, key, keys);
  return {keys.begin(), keys.end()};
}

bool is_moved_away(config::Configuration const& configuration, std::string const& key) {
  return destination(configuration, {key, {}, {}}).tenant != key;
}

bool is_removed(config::Configuration const& configuration, Address const& address) {
  return std::ranges::any_of(configuration.removed(), [&](auto const& removed) {
    return config::means(removed.from, address);
  });
}

Result<std::vector<plans::Move>> find_moves(config::Configuration const& configuration,
                                            std::string const& key,
                                            state::TenantState const& state) {
  std::vector<plans::Move> moves;
  if (state.key != key) moves.push_back({{state.key, {}, {}}, {key, {}, {}}});
  for (auto const& [address, row] : state.resources) {
    if (address.is_tenant()) continue;
    auto const here = Address{key, address.section, address.key};
    auto const there = destination(configuration, here);
    if (there == here) continue;
    if (state.find({state.key, there.section, there.key}) != nullptr) {
      return both_exist(here, there, place_of(configuration, here));
    }
    moves.push_back({here, there});
  }
  return moves;
}

state::TenantState moved(state::TenantState state, std::vector<plans::Move> const& moves) {
  for (auto const& move : moves) {
    if (move.from.is_tenant() && state.key == move.from.tenant) state.key = move.to.tenant;
    std::map<Address, state::ResourceRecord> rows;
    for (auto& [address, row] : state.resources) {
      row.address = renamed(std::move(row.address), move);
      for (auto& needed : row.depends_on) needed = renamed(std::move(needed), move);
      auto target = row.address;
      rows.emplace(std::move(target), std::move(row));
    }
    state.resources = std::move(rows);
  }
  return state;
}

void note_moves(std::vector<plans::Move> const& moves, std::vector<plans::Change>& changes) {
  for (auto const& move : moves) {
    auto const found = std::ranges::find(changes, move.to, &plans::Change::address);
    if (found == changes.end()) continue;
    // Within a tenant, told alike for all tenants of a fleet.
    auto text = move.from.is_tenant()
                    ? fmt::format("moved from {}", move.from.tenant)
                    : fmt::format("moved from {}/{}", move.from.section, move.from.key);
    if (found->action == plans::Action::no_op) {
      found->reason_detail = std::move(text);
    } else {
      found->notes.push_back(std::move(text));
    }
  }
}

Task<void> store_moves(state::Store& store, state::TenantState before,
                       std::vector<plans::Move> moves, std::string run_id, std::string now,
                       Object context) {
  auto const after = moved(before, moves);
  std::vector<state::ResourceRecord> upserts;
  std::vector<Address> removals;
  for (auto const& [address, row] : before.resources) {
    if (after.find(address) == nullptr) removals.push_back(address);
  }
  for (auto const& [address, row] : after.resources) {
    auto const* same = before.find(address);
    if (same == nullptr || *same != row) upserts.push_back(row);
  }
  std::vector<state::Intent> intents;
  for (auto const& move : moves) {
    state::Intent intent;
    intent.address = move.to;
    intent.action = "move";
    if (auto const* row = after.find(move.to)) intent.id = row->id;
    intent.context = context;
    intent.context["from"] = move.from.text();
    intent.run_id = run_id;
    intent.started_at = now;
    intents.push_back(std::move(intent));
  }
  co_return co_await store.move(std::move(intents), std::move(upserts), std::move(removals));
}

}  // namespace tenantry::run
