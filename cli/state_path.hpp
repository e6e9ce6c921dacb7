// Which state a command works on.
#pragma once
#include <filesystem>

#include "cli/invocation.hpp"
#include "engine/config/configuration.hpp"

namespace tenantry::cli {

/// The folder for what a run keeps for itself, inside the configuration's folder.
inline constexpr char const* kPrivateFolder = ".tenantry";

/// --state, else .tenantry/emulated.state with --emulated, else state.path of the configuration,
/// else tenantry.state; all but --state relative to the configuration's folder.
/// Errors: invalid where a PostgreSQL state is asked for, by the configuration or by
/// TENANTRY_STATE_DSN.
Result<std::filesystem::path> state_path(Invocation const& invocation,
                                         config::StateSettings const& settings,
                                         std::filesystem::path const& folder,
                                         config::Target target);

}  // namespace tenantry::cli
