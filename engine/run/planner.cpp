#include "engine/run/planner.hpp"

#include "engine/run/alias_handover.hpp"
#include "engine/run/foreign_aliases.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/shared_limits.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/tenant_planner.hpp"
#include "engine/run/unmanaged.hpp"
#include "engine/run/waves.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

/// Tenants of the configuration and of the state, sorted.
Task<std::vector<std::string>> fleet_keys(Context& context) {
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  std::set<std::string> keys(known->begin(), known->end());
  for (auto const& summary : context.configuration.tenants()) keys.insert(summary.key);
  std::erase_if(keys, [&](auto const& key) { return is_moved_away(context.configuration, key); });
  co_return std::vector<std::string>(keys.begin(), keys.end());
}

}  // namespace

Task<plans::Plan> make_plan(Context& context, PlanOptions options) {
  auto const waves = WaveFilter::of(context.configuration, options.selection.waves);
  if (!waves) co_return waves.error();
  auto keys = co_await fleet_keys(context);
  if (!keys) co_return keys.error();
  auto const fleet_size = keys->size();
  std::erase_if(*keys, [&](auto const& key) {
    return !options.selection.includes_tenant(key) || !waves->includes(key);
  });
  context.observer.run_started(keys->size());
  plans::Plan plan;
  plan.created_at = format_time(context.clock.wall());
  plan.lineage = context.store.info().lineage;
  plan.destroy = options.destroy;
  plan.refresh_only = options.refresh_only;
  plan.adopt_only = options.adopt_only;
  plan.shard = options.selection.shard;
  plan.fleet_size = fleet_size;
  plan.tenants.resize(keys->size());
  OrganizationView organization(context);
  SideBySide crew{.tenants = options.parallelism};
  // Without a network there are no calls to keep busy.
  if (options.refresh == Refresh::live) crew.idle_calls = options.idle_calls;
  auto const plan_one = [&](std::size_t index) -> asio::awaitable<void> {
    if (context.stop.requested()) co_return;
    context.observer.tenant_started((*keys)[index]);
    auto planned = co_await plan_tenant(context, options, organization, (*keys)[index]);
    context.observer.tenant_planned(planned);
    plan.tenants[index] = std::move(planned);
  };
  co_await side_by_side(context.clock, std::move(crew), keys->size(), plan_one);
  for (auto& tenant : plan.tenants) {
    for (auto& warning : tenant.warnings) plan.warnings.add(std::move(warning));
    tenant.warnings.clear();
  }
  if (context.stop.requested())
    co_return Error(Errc::cancelled, "stopped before the plan was made");
  auto in_state = co_await context.store.tenants();
  if (!in_state) co_return in_state.error();
  assign_waves(plan, context.configuration, *in_state);
  note_handovers(plan);
  auto const aliases = co_await refuse_foreign_aliases(context, plan);
  if (!aliases) co_return aliases.error();
  if (options.show_unmanaged) {
    auto found = co_await unmanaged_tenants(context, organization);
    if (!found) co_return found.error();
    plan.unmanaged = std::move(*found);
  }
  auto const limits = co_await limits_of(context, plan);
  if (!limits) co_return limits.error();
  plans::GuardInput const guards{.limits = *limits,
                                 .acknowledged = options.acknowledged,
                                 .allow_deactivate = options.allow_deactivate,
                                 .empty_configuration = context.configuration.tenants().empty()};
  plans::apply_guards(plan, guards);
  co_return plan;
}

}  // namespace tenantry::run
