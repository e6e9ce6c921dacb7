// Deferred values on their way to a call.
#pragma once
#include "engine/config/configuration.hpp"
#include "engine/core/value.hpp"

namespace tenantry::run {

/// `value` with the tenant's host name and id filled in; sensitive variables stay names.
Value resolve_tenant(Value const& value, std::string const& hostname, std::string const& id);

/// `value` with sensitive variables filled in as well: only for what is sent or digested.
/// Errors: those of Variables::reveal; internal when a tenant's property is still unknown.
Result<Value> reveal_all(Value const& value, config::Variables const& variables);

}  // namespace tenantry::run
