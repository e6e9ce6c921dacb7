// Tenants that are live and that nobody manages.
#pragma once
#include "engine/run/organization.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// The tenants of the organization's list that neither the state owns nor the configuration names
/// by `hostname`, sorted by host name; deleted ones are left out. The whole list counts, whatever
/// shard or tenants the run looks at. Errors: invalid without an organization client; those of the
/// list and of the state.
Task<std::vector<plans::UnmanagedTenant>> unmanaged_tenants(Context& context,
                                                            OrganizationView& organization);

}  // namespace tenantry::run
