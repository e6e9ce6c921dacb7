// Reading the configuration that a command line names, and saying what is wrong with it.
#pragma once
#include <memory>

#include "cli/commands.hpp"
#include "engine/config/configuration.hpp"

namespace tenantry::cli {

/// What a command line and its environment ask for. Errors: invalid for a --var without "=".
Result<config::LoadOptions> load_options(Invocation const& invocation,
                                         ConfigurationArguments const& arguments);

/// As config::load; on a terminal it tells how far it is where that takes long.
config::Loaded load_with_progress(Invocation& invocation, config::LoadOptions const& options);

/// The configuration, or null after every error was printed. Warnings are printed in any case.
std::shared_ptr<config::Configuration const> load_configuration(
    Invocation& invocation, ConfigurationArguments const& arguments);

/// Diagnostics as `validate --json` and `apply --json` show them.
Value to_json(Diagnostic const& diagnostic);

}  // namespace tenantry::cli
