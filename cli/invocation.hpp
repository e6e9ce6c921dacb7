// What every command is run with.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"

namespace tenantry::cli {

/// Options that stand before or after any command.
struct GlobalOptions {
  std::optional<std::string> chdir;        ///< behave as if started there
  std::vector<std::string> configs;        ///< files or folders; empty: the current folder
  std::optional<std::string> connections;  ///< --connections
  std::optional<std::string> state;        ///< --state
  std::string color = "auto";              ///< auto, always, never
  std::string log_level = "info";          ///< error, warning, info, debug
  bool quiet = false;                      ///< results and errors alone
};

/// The process around a command; all of it outlives the command.
struct Invocation {
  GlobalOptions const& global;
  std::string command;  ///< "state list"
  Console& console;
  EnvironmentReader environment;
  Clock& clock;
  Random& random;
};

/// Says why the command as a whole failed.
Exit fail(Invocation& invocation, Error const& error);

/// `error` of reading `path`; where there is no such file, with the nearest name beside it.
Error with_nearest_file(Error error, std::string const& path);

}  // namespace tenantry::cli
