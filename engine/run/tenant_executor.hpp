// Carries out the change of a tenant itself.
#pragma once
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// Creates (on the register host, then names it on its own), updates, adopts, deactivates,
/// reactivates or forgets the tenant. `runtime` and `change` must outlive the task.
Task<Ending> execute_tenant(TenantRuntime& runtime, plans::Change const& change);

/// Before a saved plan's change of the tenant: it must still look as planned. Errors: stale.
Task<void> verify_tenant(TenantRuntime& runtime, plans::Change const& change);

}  // namespace tenantry::run
