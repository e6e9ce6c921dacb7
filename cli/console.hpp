// The two output streams: results on standard output, everything else on standard error.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/error.hpp"

namespace tenantry::cli {

/// How much is said on standard error; each level includes those before it.
enum class LogLevel { error, warning, info, debug };

/// Takes bytes; false when they could not be written.
using Write = std::function<bool(std::string_view)>;
/// Writes all of it to a file descriptor.
Write to_descriptor(int descriptor);

struct ConsoleStyle {
  bool color_output = false;
  bool color_error = false;
  bool live_line = false;
  std::size_t columns = 100;
  LogLevel log_level = LogLevel::info;
};

/// Keeps the two streams and the live status lines from running into each other. What is written
/// must already be visible(): the console does not change it.
class Console {
 public:
  Console(Write output, Write error, TerminalFacts facts);

  void set_style(ConsoleStyle style) { style_ = style; }
  ConsoleStyle const& style() const { return style_; }
  TerminalFacts const& facts() const { return facts_; }

  /// A result, as it is.
  void out(std::string_view text);
  /// Text for a person, as it is.
  void err(std::string_view text);
  /// "error: ..." with its hint below.
  void error(Error const& error, std::string_view about = {});
  void warning(std::string_view text, std::string_view hint = {});
  /// A line of progress, at level info.
  void note(std::string_view line);
  /// A line at level debug.
  void debug(std::string_view line);
  /// Replaces the status lines; none removes them. Lines that do not fit are cut short: none wraps;
  /// those that are too many are left out. Does nothing off a terminal.
  void status(std::vector<std::string> lines);
  /// How many status lines the terminal has room for, below a line of other text; at least 1.
  std::size_t status_lines_max() const;

  /// Why standard output could not be written: an errno value, 0 when all is well.
  int output_error() const { return output_error_; }

 private:
  void erase_status();
  void draw_status();
  /// What takes the status lines away, and what puts them back; empty where nothing is to be done.
  std::string erasure();
  TerminalSize size() const;
  std::string drawing();

  Write output_;
  Write error_;
  TerminalFacts facts_;
  ConsoleStyle style_;
  std::vector<std::string> status_;
  std::vector<std::size_t> drawn_;  ///< characters of each status line that stands there
  int output_error_ = 0;
};

/// Messages of a run, sorted, at most `shown_max` of them; then "and N more". Errors come first
/// where not all fit.
inline constexpr std::size_t kDiagnosticsShown = 200;
std::string diagnostics_text(Diagnostics const& diagnostics, LogLevel level,
                             std::size_t shown_max = kDiagnosticsShown);

}  // namespace tenantry::cli
