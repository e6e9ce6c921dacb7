// An alias that goes from one tenant to another: given away first, taken afterwards.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::run {

/// Region and label: an alias is unique in its region.
using Alias = std::pair<std::string, std::string>;

/// Index of a tenant that takes an alias to that of the tenant that gives it away.
using AliasGivers = std::map<std::size_t, std::size_t>;
/// Of `tenants` (indexes in `plans`). Errors: those of `plans`.
Result<AliasGivers> alias_givers(plans::TenantPlans const& plans,
                                 std::vector<std::size_t> const& tenants);

/// The alias that the tenant gets by its plan; empty where it gets none, or keeps its own.
std::string taken_alias(plans::TenantPlan const& tenant);

/// Notes each handover on the change that takes the alias. Tenants that want each other's aliases
/// in a circle cannot be applied: they get an error that says so.
/// Errors: those of the plan's tenants.
Result<void> note_handovers(plans::Plan& plan);

/// `tenants` (indexes in `plans`) in rounds: a tenant that takes an alias is in a round after the
/// tenant that gives it away. Without handovers there is one round. Circles have been refused by
/// note_handovers; what is left of one is in the last round. Errors: those of `plans`.
Result<std::vector<std::vector<std::size_t>>> handover_rounds(
    plans::TenantPlans const& plans, std::vector<std::size_t> const& tenants);

}  // namespace tenantry::run
