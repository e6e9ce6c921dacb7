// The plan of one tenant.
#pragma once
#include "engine/run/organization.hpp"
#include "engine/run/planner.hpp"

namespace tenantry::run {

/// Locks (where asked for), recovers, refreshes and diffs one tenant. What goes wrong is in the
/// plan's `error`: one tenant's failure is no other's. Guards come later, over the whole plan.
boost::asio::awaitable<plans::TenantPlan> plan_tenant(Context& context, PlanOptions const& options,
                                                      OrganizationView& organization,
                                                      std::string key);

}  // namespace tenantry::run
