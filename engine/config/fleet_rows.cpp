#include "engine/config/fleet_rows.hpp"

#include <algorithm>
#include <bit>
#include <boost/json.hpp>

#include "engine/config/yaml_reader.hpp"

namespace tenantry::config {
namespace {

/// How a value is packed. The texts of a list, as CSV gives them, need no detour over JSON.
enum class Form : std::uint8_t { empty, text, integer, number, yes, no, texts, json, broken };

Value const kNull = nullptr;

bool is_list_of_texts(Value const& value) {
  auto const* array = value.if_array();
  if (array == nullptr) return false;
  for (auto const& element : *array) {
    if (!element.is_string()) return false;
  }
  return true;
}

Form form_of(Value const& value) {
  if (value.is_null()) return Form::empty;
  if (value.is_string()) return Form::text;
  if (value.is_int64()) return Form::integer;
  if (value.is_double()) return Form::number;
  if (value.is_bool()) return value.get_bool() ? Form::yes : Form::no;
  return is_list_of_texts(value) ? Form::texts : Form::json;
}

/// Takes apart what the table has packed.
class Unpacker : public PackedReader {
 public:
  Unpacker(std::string_view packed, std::size_t at, std::size_t end)
      : PackedReader(packed.substr(0, end), at) {}

  Form form() { return static_cast<Form>(byte()); }

  Value value(Form form) {
    switch (form) {
      case Form::empty:
      case Form::broken:
        return nullptr;
      case Form::text:
        return Value(text());
      case Form::integer:
        return unfolded(number());
      case Form::number:
        return std::bit_cast<double>(number());
      case Form::yes:
        return true;
      case Form::no:
        return false;
      case Form::texts: {
        Array out;
        for (auto left = number(); left > 0; --left) out.emplace_back(text());
        return out;
      }
      case Form::json: {
        boost::json::parse_options options;
        options.max_depth = kDepthMax;
        return boost::json::parse(text(), {}, options);
      }
    }
    return nullptr;
  }
};

/// The part of `value` that the path names: null where maps end before it, nullptr where it leads
/// into something that is no map.
Value const* part_at(Value const& value, std::string_view path) {
  if (value.is_null()) return &kNull;
  auto const* object = value.if_object();
  if (object == nullptr) return nullptr;
  if (auto const* found = object->if_contains(path)) return found;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (auto const* found = object->if_contains(path.substr(0, dot))) {
      return part_at(*found, path.substr(dot + 1));
    }
  }
  return &kNull;
}

}  // namespace

std::optional<FleetRow::Found> FleetRow::find(std::string_view path) const {
  auto end = path.size();
  while (end != std::string_view::npos && end > 0) {
    if (auto const column = table_->find_column(path.substr(0, end))) {
      auto const& cell = cells_[*column];
      if (end == path.size()) return Found{&cell, &cell.value, *column, true};
      return Found{&cell, part_at(cell.value, path.substr(end + 1)), *column, false};
    }
    end = path.rfind('.', end - 1);
  }
  return std::nullopt;
}

std::string_view FleetRow::column_at(SourceRange const& place) const {
  std::string_view found;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    auto const& where = cells_[i].where;
    if (where.line != place.line || where.column != place.column) continue;
    if (!found.empty()) return {};  // missing cells all stand at the row
    found = table_->columns()[i];
  }
  return found;
}

std::optional<std::size_t> FleetRows::find_column(std::string_view name) const {
  auto const found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t FleetRows::add_column(std::string_view name) {
  auto const known = numbers_.find(name);
  if (known != numbers_.end()) return known->second;
  numbers_.emplace(name, columns_.size());
  columns_.emplace_back(name);
  has_maps_.push_back(false);
  has_others_.push_back(false);
  return columns_.size() - 1;
}

bool FleetRows::may_hold_maps(std::size_t column) const {
  return has_maps_[column] || (header_ == Header::none && !has_others_[column]);
}

void FleetRows::begin_row(Mark const& where) {
  starts_.push_back({packed_.size(), where.line, where.column});
}

void FleetRows::add_cell(std::size_t column, Mark const& where, Value const& value) {
  packed_.put_number(column);
  packed_.put_number(folded(where.line - starts_.back().line));
  packed_.put_number(static_cast<std::uint64_t>(where.column));
  auto const form = form_of(value);
  packed_.put_byte(static_cast<std::uint8_t>(form));
  if (value.is_object()) {
    has_maps_[column] = true;
  } else if (!value.is_null()) {
    has_others_[column] = true;
  }
  switch (form) {
    case Form::text:
      return packed_.put_text(std::string_view(value.get_string()));
    case Form::integer:
      return packed_.put_number(folded(value.get_int64()));
    case Form::number:
      return packed_.put_number(std::bit_cast<std::uint64_t>(value.get_double()));
    case Form::texts:
      packed_.put_number(value.get_array().size());
      for (auto const& element : value.get_array()) {
        packed_.put_text(std::string_view(element.get_string()));
      }
      return;
    case Form::json:
      return packed_.put_text(boost::json::serialize(value));
    default:
      return;
  }
}

void FleetRows::add_broken_cell(std::size_t column, Mark const& where) {
  packed_.put_number(column);
  packed_.put_number(folded(where.line - starts_.back().line));
  packed_.put_number(static_cast<std::uint64_t>(where.column));
  packed_.put_byte(static_cast<std::uint8_t>(Form::broken));
}

void FleetRows::break_row() { broken_.push_back(starts_.size() - 1); }

FleetRow FleetRows::blank_row() const {
  FleetRow out;
  out.table_ = this;
  out.where_ = {source_, 1, 1};
  out.cells_.resize(columns_.size(), Cell{nullptr, out.where_, false});
  return out;
}

FleetRow FleetRows::row(std::size_t number) const {
  auto const& start = starts_[number];
  auto const end = number + 1 < starts_.size() ? starts_[number + 1].offset : packed_.size();
  FleetRow out;
  out.table_ = this;
  out.where_ = {source_, start.line, start.column};
  out.cells_.resize(columns_.size(), Cell{nullptr, out.where_, false});
  out.is_broken_ = std::ranges::binary_search(broken_, number);
  Unpacker packed(packed_.view(), start.offset, end);
  while (!packed.done()) {
    auto& cell = out.cells_[packed.number()];
    cell.where.line = start.line + static_cast<int>(unfolded(packed.number()));
    cell.where.column = static_cast<int>(packed.number());
    auto const form = packed.form();
    cell.is_broken = form == Form::broken;
    cell.value = packed.value(form);
  }
  return out;
}

}  // namespace tenantry::config
