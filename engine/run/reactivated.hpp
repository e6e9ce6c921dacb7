// What is in a tenant that was deactivated until now: it can be looked at only once it answers.
#pragma once
#include "engine/run/organization.hpp"
#include "engine/run/planner.hpp"

namespace tenantry::run {

/// Plans the tenant of `approved` again, which is active by now and locked by this run. Errors:
/// what kept it from being planned.
Task<plans::TenantPlan> plan_reactivated(Context& context, PlanOptions options,
                                         OrganizationView& organization,
                                         plans::TenantPlan const& approved);

/// Whether who approved `approved` has agreed to `now` as well: nothing goes that was not to go.
bool is_within(plans::Change const& approved, plans::Change const& now);

}  // namespace tenantry::run
