#include "engine/config/csv_reader.hpp"

#include <fmt/format.h>

#include "engine/config/lines.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::size_t kBufferBytes = 64U << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kSaveAsUtf8 = "save the file as UTF-8 (in Excel: \"CSV UTF-8\")";

/// The bytes of a character after its first.
bool continues_character(int byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

int CsvReader::peek() {
  if (at_ < buffer_.size()) return static_cast<unsigned char>(buffer_[at_]);
  if (ended_) return kEnd;
  buffer_.resize(kBufferBytes);
  buffer_.resize(input_(buffer_.data(), buffer_.size()));
  at_ = 0;
  ended_ = buffer_.empty();
  return ended_ ? kEnd : static_cast<unsigned char>(buffer_[0]);
}

int CsvReader::take() {
  auto const byte = peek();
  if (byte == kEnd) return kEnd;
  ++at_;
  if (byte == '\n') {
    ++line_;
    column_ = 1;
  } else if (byte != '\r' && !continues_character(byte)) {
    ++column_;
  }
  return byte;
}

bool CsvReader::fail(int line, int column, std::string summary, std::string detail,
                     std::string hint) {
  problem_ = {line, column, std::move(summary), std::move(detail), std::move(hint)};
  return false;
}

/// Takes the carriage return before a line feed, which is left. False (a problem) before anything
/// else.
bool CsvReader::carriage_return() {
  take();
  if (peek() == '\n') return true;
  return fail(line_, column_, "carriage return without a line feed",
              "Lines end in a line feed, which a carriage return may precede.",
              "save the file with the line ends of Unix or Windows");
}

/// False at the end of the input.
bool CsvReader::skip_blank_lines() {
  if (!started_) {
    started_ = true;
    if (begins_utf16(peek())) {
      return fail(1, 1, "not UTF-8", std::string(kIsUtf16), std::string(kSaveAsUtf8));
    }
    std::size_t matched = 0;
    while (matched < kByteOrderMark.size() &&
           peek() == static_cast<unsigned char>(kByteOrderMark[matched])) {
      ++at_;
      ++matched;
    }
    if (matched != 0 && matched < kByteOrderMark.size()) {
      return fail(1, 1, "not UTF-8", "The file begins with bytes that are not part of a character.",
                  std::string(kSaveAsUtf8));
    }
  }
  while (true) {
    auto const byte = peek();
    if (byte == kEnd) return false;
    if (byte != '\n' && byte != '\r') return true;
    if (byte == '\r' && !carriage_return()) return false;
    take();
  }
}

bool CsvReader::next(std::vector<CsvCell>& cells) {
  if (problem_ || !skip_blank_lines()) return false;
  std::size_t count = 0;
  while (true) {
    if (count == kCellsMax) {
      return fail(line_, column_, "too many cells",
                  fmt::format("A row may have {} cells at most.", kCellsMax));
    }
    if (count == cells.size()) cells.emplace_back();
    auto& out = cells[count++];
    if (!cell(out)) return false;
    end_line_ = line_;
    end_column_ = column_;
    if (take() != static_cast<unsigned char>(separator_)) break;
  }
  cells.resize(count);
  return true;
}

/// Up to its separator or line end, which is not taken.
bool CsvReader::cell(CsvCell& out) {
  out.text.clear();
  out.line = line_;
  out.column = column_;
  if (!(peek() == '"' ? quoted(out) : plain(out))) return false;
  if (is_utf8(out.text)) return true;
  return fail(out.line, out.column, "not UTF-8", "The cell has bytes that are not characters.",
              std::string(kSaveAsUtf8));
}

bool CsvReader::keep(CsvCell& out, int byte) {
  bool const is_line_end = byte == '\n' || byte == '\r';  // only a quoted cell has them
  if ((byte < 0x20 && byte != '\t' && !is_line_end) || byte == 0x7F) {
    return fail(line_, column_ - 1, "control character in the file",
                fmt::format("Byte 0x{:02x} cannot stand in a cell.", byte),
                byte == 0 ? std::string(kSaveAsUtf8) : std::string());
  }
  if (out.text.size() >= kCellBytesMax) {
    return fail(out.line, out.column, "cell too large",
                fmt::format("A cell may have {} bytes at most.", kCellBytesMax),
                "is a quote missing that closes it?");
  }
  out.text += static_cast<char>(byte);
  return true;
}

bool CsvReader::quoted(CsvCell& out) {
  take();
  while (true) {
    auto const byte = take();
    if (byte == kEnd) {
      return fail(out.line, out.column, "quote that is never closed",
                  "The cell that begins here has no closing quote.",
                  "write a quote that is part of the text twice");
    }
    if (byte == '"') {
      if (peek() != '"') break;
      take();
    }
    if (!keep(out, byte)) return false;
  }
  auto const byte = peek();
  if (byte == kEnd || byte == '\n' || byte == static_cast<unsigned char>(separator_)) return true;
  if (byte == '\r') return carriage_return();
  return fail(
      line_, column_, "text after a closing quote",
      fmt::format("After a cell in quotes (this one begins in line {}, column {}) there must "
                  "be a separator or the end of the line.",
                  out.line, out.column),
      "write a quote that is part of the text twice");
}

bool CsvReader::plain(CsvCell& out) {
  while (true) {
    auto const byte = peek();
    if (byte == kEnd || byte == '\n' || byte == static_cast<unsigned char>(separator_)) return true;
    if (byte == '"') {
      return fail(line_, column_, "quote inside of a cell",
                  "A quote may only stand in a cell that begins with one.",
                  "put the whole cell into quotes, and write the quote twice");
    }
    if (byte == '\r') return carriage_return();
    take();
    if (!keep(out, byte)) return false;
  }
}

}  // namespace tenantry::config
