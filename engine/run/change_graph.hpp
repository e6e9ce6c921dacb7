// The order of one tenant's changes.
#pragma once
#include <vector>

#include "engine/graph/graph.hpp"
#include "plans/plan.hpp"
#include "providers/api/provider.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// Which change waits for which. One node per element of `changes` (no-ops have been left out):
///
///   tenant created, adopted or reactivated  ->  everything in the tenant
///   what is needed  ->  what needs it                 (created, updated)
///   what needed it  ->  what is deleted               (deleted, updated)
///   deleted         ->  created with the same name    (a key was renamed)
graph::Graph order_changes(std::vector<plans::Change const*> const& changes,
                           state::TenantState const& state, Provider const& provider);

}  // namespace tenantry::run
