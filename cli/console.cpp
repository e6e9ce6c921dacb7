#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kReset = "\x1b[0m";

std::string label(std::string_view word, std::string_view color, bool colored) {
  if (!colored) return fmt::format("{}: ", word);
  return fmt::format("{}{}:{} ", color, word, kReset);
}

/// At most `columns` characters, so that the status line never wraps.
std::string clipped(std::string const& line, std::size_t columns) {
  if (length_in_characters(line) <= columns) return line;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < line.size(); ++end) {
    bool const starts_character = (static_cast<unsigned char>(line[end]) & 0xC0U) != 0x80U;
    if (starts_character && characters++ == columns - 1) break;
  }
  return line.substr(0, end) + "…";
}

}  // namespace

Write to_descriptor(int descriptor) {
  return [descriptor](std::string_view text) {
    while (!text.empty()) {
      auto const written = ::write(descriptor, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  };
}

Console::Console(Write output, Write error, TerminalFacts facts)
    : output_(std::move(output)), error_(std::move(error)), facts_(facts) {}

void Console::out(std::string_view text) {
  erase_status();
  errno = 0;
  if (output_error_ == 0 && !output_(text)) output_error_ = errno != 0 ? errno : EIO;
  draw_status();
}

void Console::err(std::string_view text) {
  erase_status();
  error_(text);
  draw_status();
}

void Console::error(Error const& error, std::string_view about) {
  auto text = label("error", kRed, style_.color_error);
  if (!about.empty()) text += visible(about) + ": ";
  text += visible(describe(error)) + '\n';
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", visible(error.hint));
  err(text);
}

void Console::warning(std::string_view text, std::string_view hint) {
  if (style_.log_level < LogLevel::warning) return;
  auto lines = label("warning", kYellow, style_.color_error) + visible(text) + '\n';
  if (!hint.empty()) lines += fmt::format("  hint: {}\n", visible(hint));
  err(lines);
}

void Console::note(std::string_view line) {
  if (style_.log_level >= LogLevel::info) err(fmt::format("{}\n", line));
}

void Console::debug(std::string_view line) {
  if (style_.log_level >= LogLevel::debug) err(fmt::format("debug: {}\n", line));
}

void Console::status(std::vector<std::string> lines) {
  if (!style_.live_line || style_.log_level < LogLevel::info) return;
  // In one write, so that a terminal never shows the gap between old and new.
  auto text = erasure();
  status_ = std::move(lines);
  text += drawing();
  if (!text.empty()) error_(text);
}

void Console::erase_status() {
  auto const text = erasure();
  if (!text.empty()) error_(text);
}

void Console::draw_status() {
  auto const text = drawing();
  if (!text.empty()) error_(text);
}

/// The cursor stands behind the last line that was drawn.
std::string Console::erasure() {
  if (drawn_.empty()) return {};
  // A terminal that became narrower since has wrapped them.
  auto const now = size();
  std::size_t rows = 0;
  for (auto const characters : std::exchange(drawn_, {})) {
    rows += std::max<std::size_t>(1, (characters + now.columns - 1) / now.columns);
  }
  auto const above = std::min(rows, now.rows) - 1;
  return above == 0 ? "\r\x1b[K" : fmt::format("\r\x1b[{}A\x1b[J", above);
}

std::string Console::drawing() {
  if (!drawn_.empty()) return {};
  auto const columns = std::max<std::size_t>(size().columns, 2) - 1;
  auto const lines_max = status_lines_max();
  std::string text;
  for (auto const& line : status_) {
    if (drawn_.size() == lines_max) break;
    if (!drawn_.empty()) text += '\n';
    auto const shown = clipped(line, columns);
    drawn_.push_back(length_in_characters(shown));
    text += shown;
  }
  return text;
}

TerminalSize Console::size() const {
  auto const now = facts_.size_now ? facts_.size_now() : std::nullopt;
  return now.value_or(TerminalSize{style_.columns, TerminalSize{}.rows});
}

std::size_t Console::status_lines_max() const { return std::max<std::size_t>(size().rows, 2) - 1; }

std::string diagnostics_text(Diagnostics const& diagnostics, LogLevel level,
                             std::size_t shown_max) {
  auto items = diagnostics.sorted();
  if (level < LogLevel::warning) {
    std::erase_if(items, [](auto const& d) { return d.severity == Severity::warning; });
  }
  std::size_t left_out = 0;
  if (items.size() > shown_max) {
    left_out = items.size() - shown_max;
    std::ranges::stable_partition(items,
                                  [](auto const& d) { return d.severity == Severity::error; });
    items.resize(shown_max);
  }
  std::string text;
  for (auto const& item : items) text += format(item);
  if (left_out > 0) text += fmt::format("and {} more\n", left_out);
  return text;
}

}  // namespace tenantry::cli
