// Carries out one change of one resource: intent, call, outcome.
#pragma once
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// `runtime` and `change` must outlive the task.
Task<Ending> execute_resource(TenantRuntime& runtime, plans::Change const& change);

}  // namespace tenantry::run
