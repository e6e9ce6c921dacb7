// --target and --exclude, and what a plan will cost.
#pragma once
#include "engine/run/context.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// Leaves the selected changes. What a selected change needs in order to be made (a tenant or
/// another resource that does not exist yet) is pulled in; deletions never are. What needs
/// something that is excluded is left out with it, and a warning says so. Sets `partial` where
/// changes were left out.
void select_changes(plans::TenantPlan& plan, Selection const& selection);

/// Calls that planning made (`reads`) and carrying out will make, the token included.
plans::Cost cost_of(plans::TenantPlan const& plan, int reads, bool needs_tenant);

}  // namespace tenantry::run
