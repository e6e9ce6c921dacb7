// What the terminal is, and what may therefore be sent to it.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace tenantry::cli {

/// Reads one environment variable; nothing when it is not set.
using EnvironmentReader = std::function<std::optional<std::string>(std::string const&)>;
/// The environment of this process.
std::optional<std::string> process_environment(std::string const& name);

enum class ColorChoice { automatic, always, never };

/// Of a terminal, in characters.
struct TerminalSize {
  std::size_t columns = 100;
  std::size_t rows = 50;
};

/// What the system tells of the three standard streams.
struct TerminalFacts {
  bool input = false;         ///< standard input is a terminal
  bool output = false;        ///< standard output is
  bool error = false;         ///< standard error is
  std::size_t columns = 100;  ///< of the terminal; 100 where there is none
  /// How large the terminal on standard error is now: people resize it. Empty, or gives nothing,
  /// where that is not known.
  std::function<std::optional<TerminalSize>()> size_now = {};
};
TerminalFacts terminal_facts(EnvironmentReader const& environment);

/// Colour on a stream: --color decides. With `automatic`, NO_COLOR (https://no-color.org) means
/// none and CLICOLOR_FORCE (https://bixense.com/clicolors) means colour anywhere; else a terminal
/// that can show it has it (TERM is not "dumb"), where CI is not set.
bool use_color(ColorChoice choice, bool stream_is_terminal, EnvironmentReader const& environment);

/// A line that is overwritten in place: only on a terminal that can move its cursor, not in CI.
bool use_live_line(bool stream_is_terminal, EnvironmentReader const& environment);

/// A question needs somebody who reads it and can answer.
bool can_ask(TerminalFacts const& facts);

}  // namespace tenantry::cli
