// From the words of the command line to the command that they mean.
#pragma once
#include <any>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/invocation.hpp"

namespace tenantry::cli {

/// A command line that was understood.
struct ParsedCommand {
  std::shared_ptr<GlobalOptions const> global;
  std::string command;  ///< "plan", "state list"
  std::any arguments;   ///< std::shared_ptr<PlanArguments const> and the like
  std::function<Exit(Invocation&)> run;
};

/// Nothing to run: help that was asked for, or what is wrong with the words.
struct Usage {
  std::string text;   ///< whole, ended by a newline
  bool help = false;  ///< asked for: to standard output, exit code 0
};

/// Reads the words after the program's name. Unknown commands, flags and values are refused with
/// the nearest valid one.
std::variant<ParsedCommand, Usage> parse_command_line(std::vector<std::string> words);

/// Parses and runs: all of `main` but the outside world.
Exit run_command_line(std::vector<std::string> words, Console& console,
                      EnvironmentReader const& environment, Clock& clock, Random& random);

}  // namespace tenantry::cli
