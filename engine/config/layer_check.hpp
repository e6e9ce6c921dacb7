// What can be said of a tenant's or a blueprint's block without expanding it.
#pragma once
#include <string_view>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

enum class LayerKind { tenant, blueprint, fleet };

/// True for the keys that a fleet has besides those of its tenants.
bool is_fleet_key(std::string_view key);

/// Reports unknown keys and sections, keys that cannot be keys, misplaced `$append`, blocks that
/// are no maps, and what a configuration may not hold beside a connections file.
void check_layer(Node const& body, LayerKind kind, Model const& model, Reporter& reporter);

}  // namespace tenantry::config
