// Carries out the plan of one tenant.
#pragma once
#include <string>
#include <vector>

#include "engine/run/applier.hpp"
#include "engine/run/organization.hpp"
#include "engine/run/wave_gate.hpp"

namespace tenantry::run {

/// How the plan of one tenant ended.
struct AppliedTenant {
  TenantEnd end = TenantEnd::failed;
  /// Locked by others, or the state could not be written.
  bool failed_as_a_whole = false;
  std::vector<ChangeReport> reports;  ///< all but no-ops, in the plan's order
};

/// What is reported of a tenant of which nothing is begun.
std::vector<ChangeReport> not_begun(plans::TenantPlan const& plan, std::string const& reason);

/// Locks the tenant, checks that its state is the planned one, and makes the changes in their
/// order. `is_whole`: once all is done, the tenant is as its configuration wants it. The arguments
/// must outlive the task.
boost::asio::awaitable<AppliedTenant> apply_tenant_plan(Context& context,
                                                        ApplyOptions const& options,
                                                        OrganizationView& organization,
                                                        plans::TenantPlan const& plan,
                                                        bool is_whole);

}  // namespace tenantry::run
