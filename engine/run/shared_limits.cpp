#include "engine/run/shared_limits.hpp"

#include <algorithm>

namespace tenantry::run {
namespace {

/// Resources that exist: those of the plan, and of every tenant that is not in it.
Task<std::int64_t> count_resources(Context& context, plans::Plan const& plan) {
  std::int64_t count = 0;
  for (auto const& tenant : plan.tenants) count += tenant.existing;
  if (plan.tenants.size() >= plan.fleet_size) co_return count;
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  for (auto const& key : *known) {
    bool const planned =
        std::ranges::binary_search(plan.tenants, key, {}, &plans::TenantSummary::key);
    if (planned) continue;
    auto const state = co_await context.store.load(key);
    if (!state) co_return state.error();
    count += std::ranges::count_if(state->resources,
                                   [](auto const& row) { return !row.first.is_tenant(); });
  }
  co_return count;
}

Task<std::int64_t> count_tenants(Context& context) {
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  co_return static_cast<std::int64_t>(
      std::max(context.configuration.tenants().size(), known->size()));
}

/// One limit of the policy, and where its counts are.
struct Shared {
  std::string counter;
  std::optional<std::int64_t> plans::GuardLimits::* max;
  std::int64_t plans::GuardCounts::* count;
};

}  // namespace

Task<plans::GuardLimits> limits_of(Context& context, plans::Plan const& plan) {
  auto const& policy = context.configuration.policy();
  plans::GuardLimits limits;
  if (!policy.max_creates && !policy.max_deletes && !policy.max_deactivates) co_return limits;
  auto const tenants = co_await count_tenants(context);
  if (!tenants) co_return tenants.error();
  if (policy.max_creates) limits.creates_max = policy.max_creates->allowed(*tenants);
  if (policy.max_deactivates) limits.deactivates_max = policy.max_deactivates->allowed(*tenants);
  if (policy.max_deletes && policy.max_deletes->is_share) {
    auto const resources = co_await count_resources(context, plan);
    if (!resources) co_return resources.error();
    limits.deletes_max = policy.max_deletes->allowed(*resources);
  } else if (policy.max_deletes) {
    limits.deletes_max = policy.max_deletes->count;
  }
  co_return limits;
}

Task<void> reserve_limits(Context& context, plans::Plan& plan, std::string group,
                          std::set<std::string> acknowledged,
                          std::function<void(plans::Change const&)> stopped) {
  if (group.empty()) co_return Result<void>();
  auto const limits = co_await limits_of(context, plan);
  if (!limits) co_return limits.error();
  plans::GuardCounts totals;
  for (auto const& [counter, max, count] :
       {Shared{"creates", &plans::GuardLimits::creates_max, &plans::GuardCounts::creates},
        Shared{"deletes", &plans::GuardLimits::deletes_max, &plans::GuardCounts::deletes},
        Shared{"deactivates", &plans::GuardLimits::deactivates_max,
               &plans::GuardCounts::deactivates}}) {
    if (!((*limits).*max)) continue;
    state::Contribution own{group, counter, {}, state::Onto::at_least};
    for (auto const& tenant : plan.tenants) {
      if (auto const amount = plans::counts_of(tenant).*count; amount > 0) {
        own.parts[tenant.key] = amount;
      }
    }
    auto const sum = co_await context.store.contribute(std::move(own));
    if (!sum) co_return sum.error();
    totals.*count = *sum;
  }
  co_return plans::stop_over_limits(plan, *limits, totals, acknowledged, stopped);
}

}  // namespace tenantry::run
