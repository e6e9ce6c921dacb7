#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace tenantry::cli {
namespace {

constexpr std::size_t kColumnsDefault = 100;
constexpr std::size_t kColumnsMin = 40;
constexpr std::size_t kColumnsMax = 400;

std::size_t terminal_columns(EnvironmentReader const& environment) {
  winsize size{};
  std::size_t columns = 0;
  for (int const stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (columns == 0 && ::ioctl(stream, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  }
  if (columns == 0) {
    auto const text = environment("COLUMNS").value_or("");
    std::from_chars(text.data(), text.data() + text.size(), columns);
  }
  if (columns == 0) return kColumnsDefault;
  return std::min(std::max(columns, kColumnsMin), kColumnsMax);
}

std::optional<TerminalSize> size_of_error() {
  winsize size{};
  bool const known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  if (!known || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return TerminalSize{size.ws_col, size.ws_row};
}

bool is_set(EnvironmentReader const& environment, std::string const& name) {
  auto const value = environment(name);
  return value && !value->empty();
}

bool moves_cursor(EnvironmentReader const& environment) {
  return environment("TERM").value_or("") != "dumb" && !is_set(environment, "CI");
}

}  // namespace

std::optional<std::string> process_environment(std::string const& name) {
  auto const* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

TerminalFacts terminal_facts(EnvironmentReader const& environment) {
  TerminalFacts facts;
  facts.input = ::isatty(STDIN_FILENO) == 1;
  facts.output = ::isatty(STDOUT_FILENO) == 1;
  facts.error = ::isatty(STDERR_FILENO) == 1;
  facts.columns = terminal_columns(environment);
  facts.size_now = &size_of_error;
  return facts;
}

bool use_color(ColorChoice choice, bool stream_is_terminal, EnvironmentReader const& environment) {
  switch (choice) {
    case ColorChoice::always:
      return true;
    case ColorChoice::never:
      return false;
    case ColorChoice::automatic:
      if (is_set(environment, "NO_COLOR")) return false;
      if (is_set(environment, "CLICOLOR_FORCE") && environment("CLICOLOR_FORCE") != "0")
        return true;
      return stream_is_terminal && moves_cursor(environment);
  }
  return false;
}

bool use_live_line(bool stream_is_terminal, EnvironmentReader const& environment) {
  return stream_is_terminal && moves_cursor(environment);
}

bool can_ask(TerminalFacts const& facts) { return facts.input && facts.error; }

}  // namespace tenantry::cli
