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

/// What a tenant's host name in state is: `extra` of its own row.
std::string hostname_of(state::ResourceRecord const& row);
/// True for a tenant that was deactivated by us or is known to be.
bool is_disabled(state::ResourceRecord const& row);
/// True when the purge date of a deactivated tenant lies before `now`.
bool purge_date_passed(state::ResourceRecord const& row, WallTime now);

}  // namespace tenantry::run
