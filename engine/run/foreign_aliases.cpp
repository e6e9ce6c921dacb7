#include "engine/run/foreign_aliases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/text.hpp"
#include "engine/run/alias_handover.hpp"

namespace tenantry::run {
namespace {

/// Region and alias to the tenant of the state that holds it, for tenants that are not in `plan`.
Task<std::map<Alias, std::string>> held_outside(state::Store& store, std::set<std::string> inside) {
  auto const keys = co_await store.tenants();
  if (!keys) co_return keys.error();
  std::map<Alias, std::string> held;
  for (auto const& key : *keys) {
    if (inside.contains(key)) continue;
    auto const state = co_await store.load(key);
    if (!state) co_return state.error();
    auto const* row = state->find(Address{key, {}, {}});
    if (row == nullptr) continue;
    auto const alias = lower(text_at(row->applied, "alias"));
    if (!alias.empty()) held[{text_at(row->extra, "region"), alias}] = key;
  }
  co_return held;
}

Error held_by_another(plans::TenantPlan const& taker, std::string const& alias,
                      std::string const& holder, std::optional<Shard> const& shard) {
  auto const where = shard ? fmt::format("which shard {} of {} works on",
                                         shard_of(holder, shard->count), shard->count)
                           : std::string("which this run leaves out");
  return {Errc::conflict,
          fmt::format("{}: the alias {} is still that of {}, {}", taker.key, visible(alias), holder,
                      where),
          fmt::format("apply {} first, and {} afterwards; or both in one run without shards",
                      holder, taker.key)};
}

}  // namespace

Task<void> refuse_foreign_aliases(Context& context, plans::Plan& plan) {
  if (plan.tenants.size() >= plan.fleet_size) co_return Result<void>();
  std::map<Alias, plans::TenantPlan*> taken;
  std::set<std::string> inside;
  for (auto& tenant : plan.tenants) {
    inside.insert(tenant.key);
    inside.insert(tenant.former_key());
    auto const alias = lower(taken_alias(tenant));
    if (!alias.empty()) taken[{tenant.region, alias}] = &tenant;
  }
  if (taken.empty()) co_return Result<void>();
  auto const held = co_await held_outside(context.store, std::move(inside));
  if (!held) co_return held.error();
  for (auto const& [alias, tenant] : taken) {
    auto const holder = held->find(alias);
    if (holder == held->end()) continue;
    tenant->error = held_by_another(*tenant, alias.second, holder->second, plan.shard);
    tenant->changes.clear();
  }
  co_return Result<void>();
}

}  // namespace tenantry::run
