#include "engine/config/fleet_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/scalar.hpp"
#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

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

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  auto const first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::size_t FleetWriter::column(std::string_view header) {
  auto const* rule = rule_of(header);
  auto const number = rows_.add_column(rule == nullptr ? header : rule->name);
  if (rules_.size() <= number) rules_.resize(number + 1, nullptr);
  rules_[number] = rule;
  return number;
}

void FleetWriter::check_columns(Mark const& at_header) const {
  for (auto const& rule : format_.columns) {
    if (rows_.find_column(rule.name)) continue;
    auto const& wanted = header_of(rule);
    reporter_.error(rule.where,
                    fmt::format("unknown column \"{}\"{}", visible(wanted),
                                did_you_mean(wanted, rows_.columns())),
                    fmt::format("The header ({}) does not have it.", at_header.range().text()));
  }
}

void FleetWriter::begin(Mark const& where) {
  where_ = where;
  cells_.clear();
  broken_ = false;
  empty_ = true;
}

void FleetWriter::add(std::size_t column, Mark const& where, Value value) {
  auto const* rule = rules_[column];
  if (value.is_string()) value = converted(std::string_view(value.get_string()), rule);
  empty_ = empty_ && value.is_null();
  bool const fitting = rule == nullptr || value.is_null() || fits(rule->type, value);
  if (!fitting && !broken_) {
    reporter_.error(
        where, "wrong type",
        fmt::format("The column \"{}\" ({}) must be {}, not {}.", rule->name,
                    rule->where.range().text(), describe(rule->type),
                    value.is_string() ? '"' + visible(std::string_view(value.get_string())) + '"'
                                      : std::string(describe_type(value))));
  }
  cells_.push_back({column, {std::move(value), where, !fitting}});
}

bool FleetWriter::end() {
  if (empty_ && !broken_) return true;
  if (rows_.size() == kRowsMax) {
    reporter_.error(where_, "too many rows",
                    fmt::format("A fleet may have {} rows at most.", kRowsMax));
    return false;
  }
  rows_.begin_row(where_);
  if (broken_) rows_.break_row();
  for (auto const& [column, cell] : cells_) {
    if (cell.is_broken) {
      rows_.add_broken_cell(column, cell.where);
    } else {
      rows_.add_cell(column, cell.where, cell.value);
    }
  }
  return true;
}

ColumnRule const* FleetWriter::rule_of(std::string_view header) const {
  auto const found = std::ranges::find_if(
      format_.columns, [&](ColumnRule const& rule) { return header == header_of(rule); });
  return found == format_.columns.end() ? nullptr : &*found;
}

}  // namespace tenantry::config
