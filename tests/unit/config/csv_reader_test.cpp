#include "engine/config/csv_reader.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

namespace tenantry::config {
namespace {

/// Gives `text` in pieces of `chunk` bytes.
CsvReader::Input input_of(std::string_view text, std::size_t chunk) {
  return [text, chunk, at = std::size_t{0}](char* buffer, std::size_t size) mutable {
    auto const count = std::min({chunk, size, text.size() - at});
    std::ranges::copy(text.substr(at, count), buffer);
    at += count;
    return count;
  };
}

/// Records as "[a|b]", the problem as "line:column summary".
std::string read(std::string_view text, char separator = ',', std::size_t chunk = 1 << 16) {
  CsvReader reader(input_of(text, chunk), separator);
  std::vector<CsvCell> cells;
  std::string out;
  while (reader.next(cells)) {
    out += '[';
    for (auto const& cell : cells) out += (&cell == &cells.front() ? "" : "|") + cell.text;
    out += ']';
  }
  if (auto const& p = reader.problem()) {
    out += fmt::format("{}:{} {}", p->line, p->column, p->summary);
  }
  return out;
}

/// Where each cell begins: "line:column".
std::string places(std::string_view text) {
  CsvReader reader(input_of(text, 3), ',');
  std::vector<CsvCell> cells;
  std::string out;
  while (reader.next(cells)) {
    for (auto const& cell : cells) out += fmt::format("{}:{} ", cell.line, cell.column);
  }
  return out;
}

}  // namespace

TEST_SUITE("csv_reader") {
  TEST_CASE("next: lines end in LF or CRLF, and the last one need not end") {
    CHECK(read("a,b\nc,d\n") == "[a|b][c|d]");
    CHECK(read("a,b\r\nc,d\r\n") == "[a|b][c|d]");
    CHECK(read("a,b\r\nc,d") == "[a|b][c|d]");
    CHECK(read("") == "");
    CHECK(read("\n\r\n") == "");
    CHECK(read("a\n\n\r\nb\n") == "[a][b]");
  }

  TEST_CASE("next: cells may be empty, also the last one") {
    CHECK(read(",\n,,\n") == "[|][||]");
    CHECK(read("a,") == "[a|]");
    CHECK(read("\"\",\"\"\n") == "[|]");
  }

  TEST_CASE("next: a cell in quotes holds separators, line ends and doubled quotes") {
    CHECK(read("\"a,b\",c\n") == "[a,b|c]");
    CHECK(read("\"a\nb\r\nc\",d\n") == "[a\nb\r\nc|d]");
    CHECK(read("\"say \"\"hi\"\"\"\n") == "[say \"hi\"]");
    CHECK(read("\"\"\"\"\r\n") == "[\"]");
  }

  TEST_CASE("next: blanks belong to their cell") { CHECK(read(" a , b\t\n") == "[ a | b\t]"); }

  TEST_CASE("next: the byte order mark belongs to no cell") {
    CHECK(read("\xEF\xBB\xBFid,name\n1,x\n") == "[id|name][1|x]");
    CHECK(read("\xEF\xBB\xBF") == "");
    CHECK(read("\xEF\xBBx\n") == "1:1 not UTF-8");
  }

  TEST_CASE("next: another separator makes a comma an ordinary character") {
    CHECK(read("a;b,c;d\n", ';') == "[a|b,c|d]");
    CHECK(read("a\tb\n", '\t') == "[a|b]");
  }

  TEST_CASE("next: places count lines inside of cells, and characters, not bytes") {
    CHECK(places("a,b\nc,d\n") == "1:1 1:3 2:1 2:3 ");
    CHECK(places("\xC3\xA4\xC3\xB6,b\r\nx,y\n") == "1:1 1:4 2:1 2:3 ");
    CHECK(places("\"a\nb\",c\nd,e\n") == "1:1 2:4 3:1 3:3 ");
  }

  TEST_CASE("next: what is no CSV is a problem at its place, after the records before it") {
    CHECK(read("a\nb,\"c") == "[a]2:3 quote that is never closed");
    CHECK(read("a\nb,c\"d\"\n") == "[a]2:4 quote inside of a cell");
    CHECK(read("\"a\"b,c\n") == "1:4 text after a closing quote");
    CHECK(read("a\rb\n") == "1:2 carriage return without a line feed");
    CHECK(read("a\r") == "1:2 carriage return without a line feed");
    CHECK(read("a\n\rb") == "[a]2:1 carriage return without a line feed");
    CHECK(read(std::string_view("a,b\0c\n", 6)) == "1:4 control character in the file");
    CHECK(read("a\nb,\xE4\n") == "[a]2:3 not UTF-8");
    CHECK(read(std::string(CsvReader::kCellBytesMax + 1, 'x')) == "1:1 cell too large");
    CHECK(read(std::string(CsvReader::kCellsMax, ',')).ends_with(" too many cells"));
  }

  TEST_CASE("next: records do not depend on how the input is cut") {
    for (std::string_view const text :
         {"\xEF\xBB\xBFid,\"na\"\"me\"\r\n1,\"a\r\nb\"\r\n\r\n2,\xC3\xA4\n", "a,b\r", "\"a\"x",
          "a\n\"b", "\xEF\xBBx"}) {
      auto const whole = read(text);
      for (std::size_t chunk = 1; chunk < 8; ++chunk) CHECK(read(text, ',', chunk) == whole);
    }
  }
}
}  // namespace tenantry::config
