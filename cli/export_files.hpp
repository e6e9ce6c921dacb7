// What export writes.
#pragma once
#include <filesystem>
#include <vector>

#include "engine/run/exporter.hpp"

namespace tenantry::cli {

enum class Blueprints { left_out, written };

/// Errors: conflict where the file that export writes into `folder` is there already.
Result<std::filesystem::path> export_target(std::filesystem::path const& folder);

/// Writes `tenants` as one configuration to `target`, with the regions of `configuration` and,
/// where that is asked for, its blueprints and the files that these name. Credentials are
/// variables, never values. No file is overwritten.
Result<void> write_export(config::Configuration const& configuration, Blueprints blueprints,
                          std::vector<run::ExportedTenant> const& tenants,
                          std::filesystem::path const& target);

}  // namespace tenantry::cli
