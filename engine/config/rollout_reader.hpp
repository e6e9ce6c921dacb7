// `rollout`: in which order tenants get a change, and how many may fail.
#pragma once
#include <string>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the map under `rollout` into the model, whose blueprints must have been read.
void read_rollout(Node const& map, Model& model, Reporter& reporter);

/// Reports a wave that `rollout` does not have. Without `rollout` every name is accepted: it means
/// nothing.
void check_wave(Mark const& where, std::string const& wave, Model const& model, Reporter& reporter);

/// The blueprint that a tenant of `wave` uses where `blueprint` is written.
std::string const& pinned_blueprint(Model const& model, std::string const& wave,
                                    std::string const& blueprint);

}  // namespace tenantry::config
