// CSV by RFC 4180, record by record, from a file that need not be in memory.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::config {

/// A cell and where it begins. Lines and columns count from 1, columns in characters.
struct CsvCell {
  std::string text;
  int line = 0;
  int column = 0;
};

/// What stops a record from being read, in the words of a Diagnostic.
struct CsvProblem {
  int line = 0;
  int column = 0;
  std::string summary;
  std::string detail;
  std::string hint;
};

/// Reads records. Lines end in LF or CRLF; a cell in double quotes may hold separators, line ends
/// and quotes written twice; a byte order mark and lines without a character are passed over. What
/// is in no cell of RFC 4180 is a problem: a quote inside of a cell that does not begin with one,
/// text after a closing quote, a quote that is never closed, a control character, bytes that are
/// not UTF-8.
class CsvReader {
 public:
  static constexpr std::size_t kCellBytesMax = 1U << 20;
  static constexpr std::size_t kCellsMax = 1'000;  ///< of a record

  /// Fills a buffer and gives the number of bytes; 0 at the end.
  using Input = std::function<std::size_t(char* buffer, std::size_t size)>;

  CsvReader(Input input, char separator) : input_(std::move(input)), separator_(separator) {}

  /// The next record; false at the end and after a problem. `cells` keep their memory from call to
  /// call.
  bool next(std::vector<CsvCell>& cells);
  /// Why next() gave false; nothing at the end of the input.
  std::optional<CsvProblem> const& problem() const { return problem_; }
  /// Where the last record ended.
  int line() const { return end_line_; }
  int column() const { return end_column_; }

 private:
  static constexpr int kEnd = -1;
  int peek();
  int take();
  bool skip_blank_lines();
  bool carriage_return();
  bool cell(CsvCell& out);
  bool quoted(CsvCell& out);
  bool plain(CsvCell& out);
  bool keep(CsvCell& out, int byte);
  bool fail(int line, int column, std::string summary, std::string detail, std::string hint = {});

  Input input_;
  char separator_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool started_ = false;
  bool ended_ = false;
  int line_ = 1;
  int column_ = 1;
  int end_line_ = 1;
  int end_column_ = 1;
  std::optional<CsvProblem> problem_;
};

}  // namespace tenantry::config
