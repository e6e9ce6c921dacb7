// One tenant: its layers merged, its placeholders replaced, its resources checked.
#pragma once
#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"
#include "engine/config/resource_reader.hpp"

namespace tenantry::config {

/// How much of a Tenant is made: only what checks need, the digest as well, or the rendering too.
enum class Detail { checked, planned, rendered };

/// Reports what is wrong with the tenant; what it gives is complete only when nothing was.
Tenant expand_tenant(Model const& model, TenantEntry const& entry, Detail detail,
                     Reporter& reporter);

}  // namespace tenantry::config
