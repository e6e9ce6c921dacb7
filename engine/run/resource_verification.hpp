// Whether an object still looks as it did when its change was planned.
#pragma once
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// Before a planned change is made: the object must still look as planned, and for a create there
/// must be none. Errors: stale, with what moved; those of reading.
Task<void> verify_resource(TenantRuntime& runtime, plans::Change const& change);

}  // namespace tenantry::run
