// Protection rules over a whole plan.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// A limit that is already worked out against its total; absent means no limit.
struct GuardLimits {
  std::optional<std::int64_t> creates_max = {};      ///< tenants
  std::optional<std::int64_t> deletes_max = {};      ///< resources
  std::optional<std::int64_t> deactivates_max = {};  ///< tenants
};

/// What the limits count.
struct GuardCounts {
  std::int64_t creates = 0;      ///< tenants
  std::int64_t deletes = 0;      ///< resources
  std::int64_t deactivates = 0;  ///< tenants
};
GuardCounts counts_of(TenantPlan const& tenant);
GuardCounts counts_of(TenantSummary const& tenant);

/// Removes something, or makes it unreachable: what preventDestroy is about.
bool destroys(Change const& change);

/// What the limits count in a tenant, one by one, each by a name of its own in the whole fleet:
/// what is planned again, because it was not done or nobody knows, has the same name.
struct GuardParts {
  std::vector<std::string> creates;
  std::vector<std::string> deletes;
  std::vector<std::string> deactivates;
};
GuardParts parts_of(TenantPlan const& tenant);

struct GuardInput {
  GuardLimits limits;
  std::set<std::string> acknowledged;  ///< digests from --acknowledge
  bool allow_deactivate = false;
  bool empty_configuration = false;  ///< no tenant is declared at all
};

/// Puts guard hits on the changes that a rule stops: preventDestroy (of the configuration or, when
/// the block is gone, of the state), the three limits, deactivation without --allow-deactivate, an
/// empty configuration that would remove everything. A hit stops its tenant only; a limit that is
/// exceeded stops every change that it counts. Errors: those of TenantPlans.
Result<void> apply_guards(Plan& plan, GuardInput const& input);

/// Stops what a limit counts where `totals`, of all runs that share the limits, exceed it. A change
/// that was let through by its digest, when the plan was made or by `acknowledged`, stays so. Tells
/// `stopped` the changes that are stopped now and were not before. Errors: those of TenantPlans.
Result<void> stop_over_limits(Plan& plan, GuardLimits const& limits, GuardCounts const& totals,
                              std::set<std::string> const& acknowledged,
                              std::function<void(Change const&)> const& stopped);

}  // namespace tenantry::plans
