// Carries out one change of one resource: intent, call, outcome.
#pragma once
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// `runtime` and `change` must outlive the task.
Task<Ending> execute_resource(TenantRuntime& runtime, plans::Change const& change);

/// Before a change of a saved plan is made: the object must still look as planned, and for a create
/// there must be none. Errors: stale, with what moved; those of reading.
Task<void> verify_resource(TenantRuntime& runtime, plans::Change const& change);

}  // namespace tenantry::run
