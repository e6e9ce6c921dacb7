#include "engine/config/fleet_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "engine/config/csv_reader.hpp"
#include "engine/config/scalar.hpp"
#include "engine/config/yaml_reader.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kKeyColumn = "key";

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Elements without their blanks; empty ones, as after a last separator, are left out.
Value list_of(std::string_view text, std::string_view separator) {
  Array out;
  while (true) {
    auto const end = text.find(separator);
    auto const element = trimmed(text.substr(0, end));
    if (!element.empty()) out.emplace_back(element);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  return out.empty() ? Value(nullptr) : Value(std::move(out));
}

bool fits(ColumnType type, Value const& value) {
  switch (type) {
    case ColumnType::any:
      return true;
    case ColumnType::text:
      return value.is_string();
    case ColumnType::number:
      return value.is_number();
    case ColumnType::integer:
      return value.is_int64();
    case ColumnType::boolean:
      return value.is_bool();
    case ColumnType::list:
      return value.is_array();
  }
  return false;
}

std::string_view describe(ColumnType type) {
  switch (type) {
    case ColumnType::number:
      return "a number";
    case ColumnType::integer:
      return "a whole number";
    case ColumnType::boolean:
      return "true or false";
    case ColumnType::list:
      return "a list";
    default:
      return "a text";
  }
}

/// What a text means in a column of this type; the text itself where it means nothing there.
Value converted(std::string_view text, ColumnRule const* rule) {
  if (text.empty()) return nullptr;
  if (rule == nullptr || rule->type == ColumnType::any || rule->type == ColumnType::text) {
    return Value(text);
  }
  if (rule->type == ColumnType::list) return list_of(text, rule->separator);
  auto const plain = trimmed(text);
  if (plain.empty()) return nullptr;
  auto value = resolve_plain(plain);
  return value && fits(rule->type, *value) ? std::move(*value) : Value(text);
}

/// Puts rows into the table.
class RowWriter {
 public:
  RowWriter(FleetRows& rows, FleetFormat const& format, Reporter& reporter)
      : rows_(rows), format_(format), reporter_(reporter) {}

  /// The number of the column that the file calls `header`, added where it is new.
  std::size_t column(std::string_view header) {
    auto const* rule = rule_of(header);
    auto const number = rows_.add_column(rule == nullptr ? header : rule->name);
    if (rules_.size() <= number) rules_.resize(number + 1, nullptr);
    rules_[number] = rule;
    return number;
  }

  /// Reports what no column of the file is meant by.
  void check_columns(Mark const& at_header) {
    for (auto const& rule : format_.columns) {
      if (rows_.find_column(rule.name)) continue;
      auto const& wanted = rule.header.empty() ? rule.name : rule.header;
      reporter_.error(rule.where,
                      fmt::format("unknown column \"{}\"{}", visible(wanted),
                                  did_you_mean(wanted, rows_.columns())),
                      fmt::format("The header ({}) does not have it.", at_header.range().text()));
    }
  }

  void begin(Mark const& where) {
    where_ = where;
    cells_.clear();
    good_ = true;
    empty_ = true;
  }

  void add(std::size_t column, Mark const& where, Value value) {
    auto const* rule = rules_[column];
    if (value.is_string()) value = converted(std::string_view(value.get_string()), rule);
    empty_ = empty_ && value.is_null();
    if (rule != nullptr && !value.is_null() && !fits(rule->type, value)) {
      good_ = false;
      reporter_.error(
          where, "wrong type",
          fmt::format("The column \"{}\" ({}) must be {}, not {}.", rule->name,
                      rule->where.range().text(), describe(rule->type),
                      value.is_string() ? '"' + visible(std::string_view(value.get_string())) + '"'
                                        : std::string(describe_type(value))));
      return;
    }
    cells_.push_back({column, {std::move(value), where}});
  }

  /// False where there are too many of them.
  bool end() {
    if (!good_ || empty_) return true;
    if (rows_.size() == kRowsMax) {
      reporter_.error(where_, "too many rows",
                      fmt::format("A fleet may have {} rows at most.", kRowsMax));
      return false;
    }
    rows_.begin_row(where_);
    for (auto const& [column, cell] : cells_) rows_.add_cell(column, cell.where, cell.value);
    return true;
  }

 private:
  ColumnRule const* rule_of(std::string_view header) const {
    auto const found = std::ranges::find_if(format_.columns, [&](ColumnRule const& rule) {
      return header == (rule.header.empty() ? rule.name : rule.header);
    });
    return found == format_.columns.end() ? nullptr : &*found;
  }

  FleetRows& rows_;
  FleetFormat const& format_;
  Reporter& reporter_;
  std::vector<ColumnRule const*> rules_;  ///< by column; nullptr: none
  Mark where_;
  std::vector<std::pair<std::size_t, Cell>> cells_;
  bool good_ = true;
  bool empty_ = true;
};

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
        reporter_.error(mark(cell), fmt::format("duplicate column \"{}\"", visible(name)),
                        "Another cell of the header has this name.", "rename one of them");
      }
    }
    if (good && cells.size() == 1 && format_.separator == ',' &&
        cells.front().text.find(';') != std::string::npos) {
      reporter_.error(header_, "header of one column",
                      "There is no comma in the first row, but a semicolon.",
                      "write `separator: \";\"` in the fleet");
      return false;
    }
    if (good) writer_.check_columns(header_);
    return good;
  }

  bool row(std::vector<CsvCell>& cells) {
    auto const columns = rows_.columns().size();
    if (cells.size() != columns) {
      auto const at = cells.size() > columns ? mark(cells[columns])
                                             : Mark{&source_, csv_.line(), csv_.column()};
      reporter_.error(
          at, cells.size() > columns ? "more cells than columns" : "missing cells",
          fmt::format("The row at line {} has {}, the header ({}) {}.", cells.front().line,
                      counted(cells.size(), "cell"), header_.range().text(), columns),
          fmt::format("put a text with \"{}\" in it into quotes", format_.separator));
      return true;
    }
    writer_.begin(mark(cells.front()));
    for (std::size_t i = 0; i < columns; ++i) {
      writer_.add(i, mark(cells[i]), Value(std::string_view(cells[i].text)));
    }
    return writer_.end();
  }

  Source const& source_;
  FleetFormat const& format_;
  FleetRows& rows_;
  RowWriter writer_;
  Reporter& reporter_;
  std::ifstream stream_;
  CsvReader csv_;
  std::size_t bytes_ = 0;
  Mark header_;
};

/// The code unit that `\\uXXXX` at `at` stands for.
std::optional<std::uint32_t> escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 6;
  if (text.substr(at, 2) != "\\u" || text.size() < at + kLength) return std::nullopt;
  std::uint32_t unit = 0;
  auto const* const end = text.data() + at + kLength;
  auto const read = std::from_chars(text.data() + at + 2, end, unit, 16);
  return read.ec == std::errc() && read.ptr == end ? std::optional(unit) : std::nullopt;
}

/// JSON as YAML reads it: what JSON escapes as two surrogates, YAML escapes as one character.
std::string join_surrogates(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] != '\\') {
      out += json[at++];
      continue;
    }
    auto const high = escaped_unit(json, at);
    auto const low = high ? escaped_unit(json, at + 6) : std::nullopt;
    if (high && low && *high >= 0xD800 && *high < 0xDC00 && *low >= 0xDC00 && *low < 0xE000) {
      out += fmt::format("\\U{:08x}", 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      at += 12;
    } else {
      out += json.substr(at, 2);  // also an escaped backslash
      at += 2;
    }
  }
  return out;
}

class YamlFile {
 public:
  YamlFile(Source const& source, FleetFormat const& format, FleetRows& rows, Reporter& reporter)
      : source_(source), writer_(rows, format, reporter), reporter_(reporter) {
    // Not every row has every column, so that those that are declared may be in none.
    for (auto const& rule : format.columns) {
      writer_.column(rule.header.empty() ? rule.name : rule.header);
    }
  }

  bool run() {
    auto text = read_file(source_.path, kRowFileBytesMax);
    if (text && source_.name.ends_with(".json")) *text = join_surrogates(*text);
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
    if (!member.value->is_map()) {
      reporter_.error(member.value->mark, "wrong type",
                      fmt::format("A row must be a map, not {}.", describe_type(*member.value)));
      return;
    }
    writer_.begin(member.key_mark);
    if (!member.key.empty()) {
      if (auto const* own = member.value->find(kKeyColumn)) {
        reporter_.error(own->key_mark, "key of a row written twice",
                        "In a map of rows the key of the map is the column \"key\".",
                        "take it out");
        return;
      }
      writer_.add(writer_.column(kKeyColumn), member.key_mark, Value(member.key));
    }
    for (auto const& cell : member.value->members) {
      writer_.add(writer_.column(cell.key), cell.value->mark, to_value(*cell.value));
    }
    full_ = !writer_.end();
  }

  Source const& source_;
  RowWriter writer_;
  Reporter& reporter_;
  bool full_ = false;
};

}  // namespace

bool is_fleet_file(std::string_view name) {
  constexpr std::array<std::string_view, 4> kEndings{".csv", ".yaml", ".yml", ".json"};
  return std::ranges::any_of(kEndings, [&](auto ending) { return name.ends_with(ending); });
}

std::unique_ptr<FleetRows> read_fleet_file(Source const& source, FleetFormat const& format,
                                           Reporter& reporter) {
  auto rows = std::make_unique<FleetRows>(source);
  bool const good = source.name.ends_with(".csv") ? CsvFile(source, format, *rows, reporter).run()
                                                  : YamlFile(source, format, *rows, reporter).run();
  return good ? std::move(rows) : nullptr;
}

}  // namespace tenantry::config
