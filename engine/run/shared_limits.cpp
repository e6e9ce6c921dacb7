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

bool counts_anything(plans::TenantSummary const& tenant) {
  auto const counts = plans::counts_of(tenant);
  return counts.creates + counts.deletes + counts.deactivates > 0;
}

/// What the plan contributes to the limits.
Result<plans::GuardParts> parts_of(plans::Plan const& plan) {
  plans::GuardParts all;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    if (!counts_anything(plan.tenants[i])) continue;
    auto const tenant = plan.tenants.read(i);
    if (!tenant) return tenant.error();
    auto const own = plans::parts_of(*tenant);
    for (auto const& shared : shared_limits()) {
      auto& parts = all.*shared.parts;
      parts.insert(parts.end(), (own.*shared.parts).begin(), (own.*shared.parts).end());
    }
  }
  return all;
}

/// Each counts one.
std::map<std::string, std::int64_t> amounts_of(std::vector<std::string> const& parts) {
  std::map<std::string, std::int64_t> amounts;
  for (auto const& part : parts) amounts.emplace(part, 1);
  return amounts;
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

Task<void> reserve_limits(Context& context, plans::Plan& plan, std::string group,
                          std::set<std::string> acknowledged,
                          std::function<void(plans::Change const&)> stopped) {
  if (group.empty()) co_return Result<void>();
  auto const limits = co_await limits_of(context, plan);
  if (!limits) co_return limits.error();
  auto const parts = parts_of(plan);
  if (!parts) co_return parts.error();
  plans::GuardCounts totals;
  for (auto const& shared : shared_limits()) {
    if (!((*limits).*shared.max)) continue;
    state::Contribution own{group, shared.counter, amounts_of((*parts).*shared.parts)};
    auto const sum = co_await context.store.contribute(std::move(own));
    if (!sum) co_return sum.error();
    totals.*shared.count = *sum;
  }
  co_return plans::stop_over_limits(plan, *limits, totals, acknowledged, stopped);
}

Task<void> foresee_limits(Context& context, plans::Plan& plan, plans::GuardLimits limits,
                          std::string group, std::set<std::string> acknowledged) {
  bool const limited = limits.creates_max || limits.deletes_max || limits.deactivates_max;
  if (group.empty() || !limited) co_return Result<void>();
  auto const own = parts_of(plan);
  if (!own) co_return own.error();
  plans::GuardCounts totals;
  for (auto const& shared : shared_limits()) {
    if (!(limits.*shared.max)) continue;
    auto known = co_await context.store.contributions(group, shared.counter);
    if (!known) co_return known.error();
    known->merge(amounts_of((*own).*shared.parts));
    for (auto const& [part, amount] : *known) totals.*shared.count += amount;
  }
  co_return plans::stop_over_limits(plan, limits, totals, acknowledged,
                                    [](plans::Change const&) {});
}

}  // namespace tenantry::run
