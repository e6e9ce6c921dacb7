#include "engine/run/shared_limits.hpp"

#include <algorithm>

namespace tenantry::run {
namespace {

/// Resources that exist: those of the plan, and of every tenant that is not in it.
Task<std::int64_t> count_resources(Context& context, plans::Plan const& plan) {
  std::int64_t count = 0;
  for (auto const& tenant : plan.tenants) {
    count += std::ranges::count_if(tenant.changes, [](auto const& c) {
      return !c.address.is_tenant() && c.action != plans::Action::create;
    });
    count += static_cast<std::int64_t>(tenant.unchanged);
  }
  if (plan.tenants.size() >= plan.fleet_size) co_return count;
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  for (auto const& key : *known) {
    bool const planned = std::ranges::binary_search(plan.tenants, key, {}, &plans::TenantPlan::key);
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
  std::vector<std::string> plans::GuardParts::* parts;
};

std::vector<Shared> shared_limits() {
  using plans::GuardCounts;
  using plans::GuardLimits;
  using plans::GuardParts;
  return {
      {"creates", &GuardLimits::creates_max, &GuardCounts::creates, &GuardParts::creates},
      {"deletes", &GuardLimits::deletes_max, &GuardCounts::deletes, &GuardParts::deletes},
      {"deactivates", &GuardLimits::deactivates_max, &GuardCounts::deactivates,
       &GuardParts::deactivates},
  };
}

/// What the plan contributes to a limit.
std::map<std::string, std::int64_t> parts_of(plans::Plan const& plan, Shared const& shared) {
  std::map<std::string, std::int64_t> parts;
  for (auto const& tenant : plan.tenants) {
    for (auto& part : plans::parts_of(tenant).*shared.parts) parts[std::move(part)] = 1;
  }
  return parts;
}

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

Task<std::vector<plans::Change const*>> reserve_limits(Context& context, plans::Plan& plan,
                                                       std::string group,
                                                       std::set<std::string> acknowledged) {
  if (group.empty()) co_return std::vector<plans::Change const*>();
  auto const limits = co_await limits_of(context, plan);
  if (!limits) co_return limits.error();
  plans::GuardCounts totals;
  for (auto const& shared : shared_limits()) {
    if (!((*limits).*shared.max)) continue;
    state::Contribution own{group, shared.counter, parts_of(plan, shared)};
    auto const sum = co_await context.store.contribute(std::move(own));
    if (!sum) co_return sum.error();
    totals.*shared.count = *sum;
  }
  co_return plans::stop_over_limits(plan, *limits, totals, acknowledged);
}

Task<void> foresee_limits(Context& context, plans::Plan& plan, plans::GuardLimits limits,
                          std::string group, std::set<std::string> acknowledged) {
  if (group.empty()) co_return Result<void>();
  plans::GuardCounts totals;
  for (auto const& shared : shared_limits()) {
    if (!(limits.*shared.max)) continue;
    auto parts = co_await context.store.contributions(group, shared.counter);
    if (!parts) co_return parts.error();
    auto own = parts_of(plan, shared);
    parts->merge(own);
    for (auto const& [part, amount] : *parts) totals.*shared.count += amount;
  }
  plans::stop_over_limits(plan, limits, totals, acknowledged);
  co_return Result<void>();
}

}  // namespace tenantry::run
