// One tenant: its layers merged, its placeholders replaced, its resources checked.
#pragma once
#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"
#include "engine/config/resource_reader.hpp"

namespace tenantry::config {

enum class Detail {
  checked,   ///< only what checks need
  planned,   ///< with the digest, and without the checks of what has been checked before
  rendered,  ///< with checks, digest and rendering
};

/// Reports what is wrong with the tenant; what it gives is complete only when nothing was.
Tenant expand_tenant(Model const& model, TenantEntry const& entry, Detail detail,
                     Reporter& reporter);

}  // namespace tenantry::config
