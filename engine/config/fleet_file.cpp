#include "engine/config/fleet_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "engine/config/csv_reader.hpp"
#include "engine/config/fleet_writer.hpp"
#include "engine/config/json_elements.hpp"
#include "engine/config/yaml_reader.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kKeyColumn = "key";

struct SeparatorName {
  char separator;
  std::string_view name;
  std::string_view written;
};
constexpr std::array<SeparatorName, 4> kSeparators{{{',', "comma", "\",\""},
                                                    {';', "semicolon", "\";\""},
                                                    {'\t', "tab", "\"\\t\""},
                                                    {'|', "vertical bar", "\"|\""}}};

/// A line that git writes around the versions of a conflict.
bool is_of_merge(std::string_view line) {
  return line.starts_with("<<<<<<< ") || line == "=======" || line.starts_with(">>>>>>> ");
}

class CsvFile {
 public:
  CsvFile(Source const& source, FleetFormat const& format, FleetRows& rows, Reporter& reporter)
      : source_(source),
        format_(format),
        rows_(rows),
        writer_(rows, format, reporter),
        reporter_(reporter),
        stream_(source.path, std::ios::binary),
        csv_([this](char* buffer, std::size_t size) { return read(buffer, size); },
             format.separator) {}

  bool run() {
    if (!stream_) {
      reporter_.error(Mark{&source_, 1, 1}, "file that cannot be read",
                      "It is there, but cannot be opened.", "look at its permissions");
      return false;
    }
    std::vector<CsvCell> cells;
    if (!csv_.next(cells)) {
      if (report_problem()) return false;
      reporter_.error(Mark{&source_, 1, 1}, "empty file", "There is nothing in it.",
                      "the first row names the columns");
      return false;
    }
    // What Excel writes, and alone reads.
    if (cells.front().text.starts_with("sep=")) {
      reporter_.error(mark(cells.front()), "line that is not CSV",
                      "It tells a spreadsheet program the separator.",
                      "take the line out, and write `separator` in the fleet");
      return false;
    }
    if (!header(cells)) return false;
    while (csv_.next(cells)) {
      if (!row(cells)) return false;
    }
    return !report_problem();
  }

 private:
  std::size_t read(char* buffer, std::size_t size) {
    stream_.read(buffer, static_cast<std::streamsize>(size));
    auto const count = static_cast<std::size_t>(std::max<std::streamsize>(stream_.gcount(), 0));
    bytes_ += count;
    return bytes_ > kCsvBytesMax ? 0 : count;
  }

  Mark mark(CsvCell const& cell) const { return {&source_, cell.line, cell.column}; }

  /// True where something has stopped the reading.
  bool report_problem() {
    if (bytes_ > kCsvBytesMax) {
      reporter_.error(Mark{&source_, 1, 1}, "file too large",
                      fmt::format("A file of rows may have {} MiB at most.", kCsvBytesMax >> 20));
      return true;
    }
    auto const& p = csv_.problem();
    if (!p) return false;
    reporter_.error(Mark{&source_, p->line, p->column}, p->summary, p->detail, p->hint);
    return true;
  }

  bool header(std::vector<CsvCell> const& cells) {
    header_ = mark(cells.front());
    bool good = true;
    for (auto const& cell : cells) {
      auto const name = trimmed(cell.text);
      if (name.empty()) {
        good = false;
        reporter_.error(mark(cell), "column without a name",
                        "Each cell of the first row names its column.",
                        "give it a name, or take the column out");
        continue;
      }
      auto const before = rows_.columns().size();
      auto const number = writer_.column(name);
      if (number < before) {
        good = false;
        auto const& column = rows_.columns()[number];
        reporter_.error(
            mark(cell), fmt::format("duplicate column \"{}\"", visible(column)),
            column == name ? std::string("Another cell of the header has this name.")
                           : fmt::format("By `columns` \"{}\" is the column \"{}\", of which there "
                                         "is another in the header.",
                                         visible(name), visible(column)),
            "rename one of them");
      }
    }
    if (good && cells.size() == 1 && has_other_separator(cells.front().text)) return false;
    if (good) writer_.check_columns(header_);
    return good;
  }

  /// Reports a header that has no separator, but what may be one in another file.
  bool has_other_separator(std::string_view header) {
    auto const kind = [](char separator) {
      return std::ranges::find(kSeparators, separator, &SeparatorName::separator);
    };
    for (auto const& other : kSeparators) {
      if (header.find(other.separator) == std::string_view::npos) continue;
      reporter_.error(header_, "header of one column",
                      fmt::format("There is no {} in the first row, but a {}.",
                                  kind(format_.separator)->name, other.name),
                      fmt::format("write `separator: {}` in the fleet", other.written));
      return true;
    }
    return false;
  }

  bool row(std::vector<CsvCell>& cells) {
    auto const columns = rows_.columns().size();
    writer_.begin(mark(cells.front()));
    if (cells.size() != columns && is_of_merge(cells.front().text)) {
      reporter_.error(mark(cells.front()), "merge conflict in the file",
                      "A merge has left both versions of some rows here.", "keep one of them");
      writer_.break_row();
    } else if (cells.size() != columns) {
      auto const at = cells.size() > columns ? mark(cells[columns])
                                             : Mark{&source_, csv_.line(), csv_.column()};
      reporter_.error(
          at, cells.size() > columns ? "more cells than columns" : "missing cells",
          fmt::format("The row at line {} has {}, the header ({}) {}.", cells.front().line,
                      counted(cells.size(), "cell"), header_.range().text(), columns),
          fmt::format("put a text with \"{}\" in it into quotes", format_.separator));
      writer_.break_row();
    }
    for (std::size_t i = 0; i < std::min(columns, cells.size()); ++i) {
      writer_.add(i, mark(cells[i]), Value(std::string_view(cells[i].text)));
    }
    return writer_.end();
  }

  Source const& source_;
  FleetFormat const& format_;
  FleetRows& rows_;
  FleetWriter writer_;
  Reporter& reporter_;
  std::ifstream stream_;
  CsvReader csv_;
  std::size_t bytes_ = 0;
  Mark header_;
};

class YamlFile {
 public:
  YamlFile(Source const& source, FleetFormat const& format, FleetRows& rows, Reporter& reporter)
      : source_(source), writer_(rows, format, reporter), reporter_(reporter) {
    // Not every row has every column, so that those that are declared may be in none.
    for (auto const& rule : format.columns) {
      writer_.column(header_of(rule));
    }
  }

  bool run() {
    auto text = read_file(source_.path, kRowFileBytesMax);
    bool const has_escapes = text && text->find("\\u") != std::string::npos;
    if (has_escapes && lower(source_.name).ends_with(".json")) *text = join_surrogates(*text);
    if (!text) {
      reporter_.error(
          Mark{&source_, 1, 1},
          text.error().code == Errc::too_large ? "file too large" : "file that cannot be read",
          text.error().message + '.', "CSV may be larger");
      return false;
    }
    auto const before = reporter_.errors();
    std::size_t of_rows = 0;
    auto const sink = [&](Member const& member) {
      auto const before_row = reporter_.errors();
      row(member);
      of_rows += reporter_.errors() - before_row;
    };
    bool const good = read_yaml_elements(source_, *text, sink, reporter_);
    return good || reporter_.errors() - before == of_rows;
  }

 private:
  void row(Member const& member) {
    if (full_) return;
    writer_.begin(member.key_mark);
    bool const is_keyed = !member.key.empty();
    bool const is_key_alone = is_keyed && member.value->is_null();
    if (!member.value->is_map() && !is_key_alone) {
      reporter_.error(member.value->mark, "wrong type",
                      fmt::format("A row must be a map, not {}.", describe_type(*member.value)),
                      "the file is a list of maps, or a map of maps by key");
      writer_.break_row();
    }
    if (is_keyed) writer_.add(writer_.column(kKeyColumn), member.key_mark, Value(member.key));
    for (auto const& cell : member.value->members) {
      if (is_keyed && cell.key == kKeyColumn) {
        reporter_.error(cell.key_mark, "key of a row written twice",
                        "In a map of rows the key of the map is the column \"key\".",
                        "take it out");
        continue;
      }
      writer_.add(writer_.column(cell.key), cell.value->mark, to_value(*cell.value));
    }
    full_ = !writer_.end();
  }

  Source const& source_;
  FleetWriter writer_;
  Reporter& reporter_;
  bool full_ = false;
};

}  // namespace

namespace {

/// False (reported) for what is no text, whatever its name says.
bool check_content(Source const& source, Reporter& reporter) {
  struct Kind {
    std::string_view start;  ///< in small letters
    std::string_view detail;
    std::string_view hint;
  };
  static constexpr std::array<Kind, 6> kKinds{
      {{"version https://git-lfs.github.com/spec/",
        "It is a pointer of Git LFS: the file itself is "
        "not here.",
        "run `git lfs pull`"},
       {"<!doctype html", "It is a web page.", "was it downloaded without a login?"},
       {"<html", "It is a web page.", "was it downloaded without a login?"},
       {"pk\x03\x04", "It is a spreadsheet or an archive.", "export it as CSV in UTF-8"},
       {"\xD0\xCF\x11\xE0", "It is a spreadsheet of an old kind.", "export it as CSV in UTF-8"},
       {"\x1F\x8B", "It is compressed.", "unpack it"}}};
  std::array<char, 64> buffer{};
  std::ifstream stream(source.path, std::ios::binary);
  stream.read(buffer.data(), buffer.size());
  auto const start = lower({buffer.data(), static_cast<std::size_t>(stream.gcount())});
  for (auto const& kind : kKinds) {
    if (!start.starts_with(kind.start)) continue;
    reporter.error(Mark{&source, 1, 1}, "file that holds no rows", std::string(kind.detail),
                   std::string(kind.hint));
    return false;
  }
  return true;
}

}  // namespace

bool is_fleet_file(std::string_view name) {
  constexpr std::array<std::string_view, 4> kEndings{".csv", ".yaml", ".yml", ".json"};
  auto const written = lower(name);
  return std::ranges::any_of(kEndings, [&](auto ending) { return written.ends_with(ending); });
}

std::unique_ptr<FleetRows> read_fleet_file(Source const& source, FleetFormat const& format,
                                           Reporter& reporter) {
  if (!check_content(source, reporter)) return nullptr;
  bool const is_csv = lower(source.name).ends_with(".csv");
  auto rows = std::make_unique<FleetRows>(
      source, is_csv ? FleetRows::Header::written : FleetRows::Header::none);
  bool const good = is_csv ? CsvFile(source, format, *rows, reporter).run()
                           : YamlFile(source, format, *rows, reporter).run();
  return good ? std::move(rows) : nullptr;
}

}  // namespace tenantry::config
