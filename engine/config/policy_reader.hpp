// `policy`: how much a run may change, and what drift means.
#pragma once
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// The limit under `key`; nothing where it is not written or (reported) is none.
std::optional<Limit> read_limit(Node const& map, std::string_view key, Reporter& reporter);

/// Reads the map under `policy` into the model.
void read_policy(Node const& map, Model& model, Reporter& reporter);

}  // namespace tenantry::config
