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

Error held_by_another(std::string const& taker, std::string const& alias, std::string const& holder,
                      std::optional<Shard> const& shard) {
  auto const where = shard ? fmt::format("which shard {} of {} works on",
                                         shard_of(holder, shard->count), shard->count)
                           : std::string("which this run leaves out");
  return {
      Errc::conflict,
      fmt::format("{}: the alias {} is still that of {}, {}", taker, visible(alias), holder, where),
      fmt::format("apply {} first, and {} afterwards; or both in one run without shards", holder,
                  taker)};
}

}  // namespace

Task<void> refuse_foreign_aliases(Context& context, plans::Plan& plan) {
  if (plan.tenants.size() >= plan.fleet_size) co_return Result<void>();
  std::map<Alias, std::size_t> taken;
  std::set<std::string> inside;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    auto const& summary = plan.tenants[i];
    inside.insert(summary.key);
    if (summary.moves == 0 && !summary.takes_alias) continue;
    auto const tenant = plan.tenants.read(i);
    if (!tenant) co_return tenant.error();
    inside.insert(tenant->former_key());
    auto const alias = lower(taken_alias(*tenant));
    if (!alias.empty()) taken[{tenant->region, alias}] = i;
  }
  if (taken.empty()) co_return Result<void>();
  auto const held = co_await held_outside(context.store, std::move(inside));
  if (!held) co_return held.error();
  for (auto const& [alias, taker] : taken) {
    auto const holder = held->find(alias);
    if (holder == held->end()) continue;
    auto const refused = plan.tenants.edit(taker, [&](plans::TenantPlan& tenant) {
      tenant.refuse(held_by_another(tenant.key, alias.second, holder->second, plan.shard));
    });
    if (!refused) co_return refused.error();
  }
  co_return Result<void>();
}

}  // namespace tenantry::run
