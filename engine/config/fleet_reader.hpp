// Fleets as written: their files, and what makes tenants of the rows.
#pragma once
#include <filesystem>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the map under `fleets` and the files that it names into the model, whose variables are
/// known.
void read_fleets(Node const& map, Model& model, Reporter& reporter);

}  // namespace tenantry::config
