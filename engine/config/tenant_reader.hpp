// Tenants as written: where each lives, which blueprints it has.
#pragma once
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the map under `tenants` into the model, whose regions and blueprints are known.
void read_tenants(Node const& map, Model& model, Reporter& reporter);
/// One tenant, which the model does not get. Nothing (reported) for what is no tenant at all.
std::optional<TenantEntry> read_tenant(Member const& member, Model& model, Reporter& reporter);

}  // namespace tenantry::config
