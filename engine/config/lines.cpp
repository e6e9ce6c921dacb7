#include "engine/config/lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::config {

Lines::Lines(Source const& source, std::string_view text) : source_(source), text_(text) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
}

Lines::Lines(Source const& source, std::string_view text, int first_line, int first_column)
    : Lines(source, text) {
  lines_before_ = first_line - 1;
  columns_before_ = first_column - 2;
}

Mark Lines::mark(int line, int column) const {
  auto const row = std::min(static_cast<std::size_t>(std::max(line, 0)), starts_.size() - 1);
  auto const bytes = static_cast<std::size_t>(std::max(column, 0));
  // A file may be one long line: what was counted before is not counted again.
  if (row != counted_.row || bytes < counted_.bytes) counted_ = {row, 0, 0};
  auto const more =
      text_.substr(std::min(starts_[row] + counted_.bytes, text_.size()), bytes - counted_.bytes);
  counted_.characters += length_in_characters(more);
  counted_.bytes = bytes;
  auto const shift = row == 0 ? columns_before_ : 0;
  return {&source_, static_cast<int>(row) + 1 + lines_before_,
          static_cast<int>(counted_.characters) + 1 + shift};
}

Mark Lines::mark_of_byte(std::size_t at) const {
  auto const next = std::ranges::upper_bound(starts_, at);
  auto const row = static_cast<int>(next - starts_.begin()) - 1;
  return mark(row, static_cast<int>(at - starts_[static_cast<std::size_t>(row)]));
}

std::size_t Lines::offset(int line, int column) const {
  auto const row = std::min(static_cast<std::size_t>(std::max(line, 0)), starts_.size() - 1);
  return std::min(starts_[row] + static_cast<std::size_t>(std::max(column, 0)), text_.size());
}

std::string_view Lines::line(int number) const {
  auto const row = static_cast<std::size_t>(std::max(number, 0));
  if (row >= starts_.size()) return {};
  auto const end = row + 1 < starts_.size() ? starts_[row + 1] : text_.size();
  return text_.substr(starts_[row], end - starts_[row]);
}

bool check_bytes(Lines const& lines, Reporter& reporter) {
  auto const text = lines.text();
  constexpr std::string_view kSaveAsUtf8 = "save the file as UTF-8";
  if (!text.empty() && begins_utf16(static_cast<unsigned char>(text.front()))) {
    reporter.error(lines.mark_of_byte(0), "not UTF-8", std::string(kIsUtf16),
                   std::string(kSaveAsUtf8));
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
      reporter.error(lines.mark_of_byte(i), "control character in the file",
                     fmt::format("Byte 0x{:02x} cannot stand in YAML.", c),
                     c == 0 ? std::string(kSaveAsUtf8) : "in a quoted text, write it as an escape");
      return false;
    }
  }
  if (is_utf8(text)) return true;
  std::size_t good = 0;
  while (good < text.size()) {
    auto const lead = static_cast<unsigned char>(text[good]);
    std::size_t const length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (!is_utf8(text.substr(good, length))) break;
    good += length;
  }
  reporter.error(lines.mark_of_byte(good), "not UTF-8",
                 fmt::format("Byte 0x{:02x} is not part of a character.",
                             static_cast<unsigned char>(text[good])),
                 std::string(kSaveAsUtf8));
  return false;
}

}  // namespace tenantry::config
