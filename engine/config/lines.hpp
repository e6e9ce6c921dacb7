// The bytes of a file as lines of characters, and whether they can be a text at all.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/config/report.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// A text and where its lines begin. Source and text must outlive it.
class Lines {
 public:
  Lines(Source const& source, std::string_view text);
  /// The text is in one bracket more than the part of the source that it is, which begins there.
  Lines(Source const& source, std::string_view text, int first_line, int first_column);

  /// The mark of a line and a byte column, both counted from 0.
  Mark mark(int line, int column) const;
  Mark mark_of_byte(std::size_t at) const;
  /// The byte of a line and a byte column, both counted from 0.
  std::size_t offset(int line, int column) const;
  /// The text of a line, counted from 0; with its end.
  std::string_view line(int number) const;
  std::string_view text() const { return text_; }

 private:
  Source const& source_;
  std::string_view text_;
  std::vector<std::size_t> starts_;
  int lines_before_ = 0;
  int columns_before_ = 0;  ///< on its first line
  /// What the last mark has counted.
  struct Counted {
    std::size_t row = 0;
    std::size_t bytes = 0;
    std::size_t characters = 0;
  };
  mutable Counted counted_;
};

/// True for a byte that begins the byte order mark of UTF-16, and never a character of UTF-8.
constexpr bool begins_utf16(int byte) { return byte == 0xFE || byte == 0xFF; }
inline constexpr std::string_view kIsUtf16 = "The file begins as UTF-16 does.";

/// Reports bytes that cannot be YAML, before the library sees them: it takes some for the end of
/// the file. False where there is one.
bool check_bytes(Lines const& lines, Reporter& reporter);

}  // namespace tenantry::config
