// `policy`: how much a run may change, and what drift means.
#pragma once
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the map under `policy` into the model.
void read_policy(Node const& map, Model& model, Reporter& reporter);

}  // namespace tenantry::config
