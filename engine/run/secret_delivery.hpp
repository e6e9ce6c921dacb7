// From the answer that shows a secret once to the sink that the resource names.
#pragma once
#include <optional>

#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// `deliverSecret` of the changed resource, the tenant filled in; nothing where it names no sink.
std::optional<Value> sink_of(TenantRuntime const& runtime, plans::Change const& change);

/// sink_place() of it; empty where it names no sink.
std::string place_of(TenantRuntime const& runtime, plans::Change const& change);

/// Delivers `secret` to the sink of the changed resource, where it names one, and tells the
/// observer. Durable on return. Errors: those of the sink. `runtime` and `change` must outlive the
/// task.
Task<void> deliver_secret(TenantRuntime& runtime, plans::Change const& change,
                          DeliverableSecret secret);

}  // namespace tenantry::run
