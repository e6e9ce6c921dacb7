#include "engine/run/planner.hpp"

#include "engine/run/alias_handover.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/tenant_planner.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

/// Tenants of the configuration and of the state that the selection means, sorted.
Task<std::vector<std::string>> tenant_keys(Context& context, Selection const& selection) {
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  std::set<std::string> keys(known->begin(), known->end());
  for (auto const& summary : context.configuration.tenants()) keys.insert(summary.key);
  std::erase_if(keys, [&](auto const& key) {
    return !selection.includes_tenant(key) || is_moved_away(context.configuration, key);
  });
  co_return std::vector<std::string>(keys.begin(), keys.end());
}

std::int64_t count_resources(plans::Plan const& plan) {
  std::int64_t count = 0;
  for (auto const& tenant : plan.tenants) {
    count += std::ranges::count_if(tenant.changes, [](auto const& c) {
      return !c.address.is_tenant() && c.action != plans::Action::create;
    });
  }
  return count;
}

plans::GuardInput guard_input(Context& context, PlanOptions const& options, plans::Plan const& plan,
                              std::size_t tenants_in_state) {
  auto const& policy = context.configuration.policy();
  auto const& declared = context.configuration.tenants();
  auto const tenants = static_cast<std::int64_t>(std::max(declared.size(), tenants_in_state));
  plans::GuardInput input;
  if (policy.max_creates) input.limits.creates_max = policy.max_creates->allowed(tenants);
  if (policy.max_deactivates)
    input.limits.deactivates_max = policy.max_deactivates->allowed(tenants);
  if (policy.max_deletes) {
    input.limits.deletes_max = policy.max_deletes->allowed(count_resources(plan));
  }
  input.acknowledged = options.acknowledged;
  input.allow_deactivate = options.allow_deactivate;
  input.empty_configuration = declared.empty();
  return input;
}

}  // namespace

Task<plans::Plan> make_plan(Context& context, PlanOptions options) {
  auto keys = co_await tenant_keys(context, options.selection);
  if (!keys) co_return keys.error();
  context.observer.run_started(keys->size());
  plans::Plan plan;
  plan.created_at = format_time(context.clock.wall());
  plan.lineage = context.store.info().lineage;
  plan.destroy = options.destroy;
  plan.refresh_only = options.refresh_only;
  plan.adopt_only = options.adopt_only;
  plan.tenants.resize(keys->size());
  OrganizationView organization(context);
  SideBySide crew{.tenants = options.parallelism};
  // Without a network there are no calls to keep busy.
  if (options.refresh == Refresh::live) crew.idle_calls = options.idle_calls;
  auto const plan_one = [&](std::size_t index) -> asio::awaitable<void> {
    if (context.stop.requested()) co_return;
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
  note_handovers(plan);
  auto in_state = co_await context.store.tenants();
  if (!in_state) co_return in_state.error();
  plans::apply_guards(plan, guard_input(context, options, plan, in_state->size()));
  co_return plan;
}

}  // namespace tenantry::run
