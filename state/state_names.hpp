// What a state file has, by name: for suggestions while somebody types.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::state {

/// Keys of the tenants of the state at `path`, sorted. The file is believed after a look at its
/// head, since a whole check reads every page; nothing is written, and who writes it is not waited
/// for. Errors: those of open_local_store for reading.
Result<std::vector<std::string>> tenant_names(std::filesystem::path const& path);

/// Addresses of a tenant's resources, itself included; likewise.
Result<std::vector<std::string>> address_names(std::filesystem::path const& path,
                                               std::string const& tenant);

}  // namespace tenantry::state
