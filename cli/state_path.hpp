// Which state a command works on.
#pragma once
#include <filesystem>

#include "cli/invocation.hpp"
#include "engine/config/configuration.hpp"
#include "state/location.hpp"

namespace tenantry::cli {

/// The folder for what a run keeps for itself, inside the configuration's folder.
inline constexpr char const* kPrivateFolder = ".tenantry";

/// A state that the command line names: a file; "postgresql://..." without a password, which every
/// user of the machine could read; or "env:NAME", a variable that holds a connection string.
/// Errors: invalid.
Result<state::StateLocation> named_state(Invocation const& invocation, std::string const& word);

/// --state, else .tenantry/emulated.state with --emulated, else TENANTRY_STATE_DSN, else `state` of
/// the configuration, else tenantry.state; files but that of --state are relative to the
/// configuration's folder. Errors: invalid; those of the variable that the DSN comes from.
Result<state::StateLocation> state_location(Invocation const& invocation,
                                            config::Configuration const& configuration,
                                            config::Target target);

/// As state_location, from the parts of a configuration.
Result<state::StateLocation> state_location(Invocation const& invocation,
                                            config::StateSettings const& settings,
                                            config::Variables const& variables,
                                            std::filesystem::path const& folder,
                                            config::Target target);

}  // namespace tenantry::cli
