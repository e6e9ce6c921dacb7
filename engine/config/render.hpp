// The merged configuration of a tenant as YAML.
#pragma once
#include <string>

#include "engine/config/configuration.hpp"

namespace tenantry::config {

/// Whether each value is followed by `# file:line`, where it comes from.
enum class Origins { none, shown };

/// `tenants: {KEY: ...}` with everything that the layers give the tenant, in merged order; needs no
/// blueprint any more. A sensitive value is written as "(sensitive)", one that is known only when
/// the tenant exists as its placeholder; a literal `${` stays escaped. Ends with a newline.
std::string render_yaml(Tenant const& tenant, Origins origins);

}  // namespace tenantry::config
