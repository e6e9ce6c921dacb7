#include "plans/attribute_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"
#include "plans/attribute_rows.hpp"

namespace tenantry::plans {
namespace {

/// The first `characters` of a well-formed text.
std::string_view head(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size()) {
    bool const starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (starts && characters-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

/// The rows of one attribute on paper.
class Printer {
 public:
  Printer(Paper& paper, std::size_t indent, std::string_view note)
      : paper_(paper), indent_(indent), note_(note) {}

  void print(AttributeRow const& row) {
    switch (row.form) {
      case AttributeRow::Form::scalar:
        return scalar(row, note_);
      case AttributeRow::Form::order:
        return scalar(row, note_ + "  # order");
      case AttributeRow::Form::elements:
        return elements(row);
      case AttributeRow::Form::lines:
        return lines(row);
    }
  }

 private:
  /// Columns for a value behind "~ name: ".
  std::size_t room(std::size_t indent, std::string const& name) const {
    constexpr std::size_t kAround = 4;  // symbol and colon
    auto const used = indent + name.size() + kAround;
    return paper_.width() > used ? paper_.width() - used : 0;
  }

  void heading(AttributeRow const& row) {
    paper_.marked(indent_, row.is_new ? "+" : "~", row.is_new ? Ink::green : Ink::yellow,
                  row.path + ':' + note_);
  }

  void scalar(AttributeRow const& row, std::string const& note) {
    auto const columns = room(indent_, row.path);
    auto const& after = *row.added.front();
    if (row.is_new) {
      auto const text = fmt::format("{}: {}{}", row.path, value_text(after, columns), note);
      return paper_.marked(indent_, "+", Ink::green, text);
    }
    // The shorter one gives what it does not need.
    constexpr std::size_t kArrow = 4;
    auto const& before = *row.removed.front();
    auto const both = columns > kArrow ? columns - kArrow : 0;
    auto const old_size = length_in_characters(value_text(before, kWhole));
    auto const new_size = length_in_characters(value_text(after, kWhole));
    auto const old_room = std::max(both / 2, both - std::min(new_size, both));
    auto const new_room = std::max(both / 2, both - std::min(old_size, both));
    auto const shown = value_pair(before, old_room, after, new_room);
    auto const text = fmt::format("{}: {} -> {}{}", row.path, shown.before, shown.after, note);
    paper_.marked(indent_, "~", Ink::yellow, text);
  }

  void elements(AttributeRow const& row) {
    heading(row);
    sides(row);
    unchanged(row.unchanged, "element");
  }

  void lines(AttributeRow const& row) {
    heading(row);
    sides(row);
    if (row.added.empty()) unchanged(row.unchanged, "line");
  }

  void sides(AttributeRow const& row) {
    auto const texts = row_texts(row, room(indent_ + 4, {}));
    for (auto const& text : texts.removed) paper_.marked(indent_ + 4, "-", Ink::red, text);
    for (auto const& text : texts.added) paper_.marked(indent_ + 4, "+", Ink::green, text);
  }

  void unchanged(std::size_t count, std::string_view what) {
    if (count == 0) return;
    paper_.line(indent_ + 4, fmt::format("  ({} unchanged)", counted(count, what)), Ink::dim);
  }

  Paper& paper_;
  std::size_t indent_;
  std::string note_;
};

}  // namespace

namespace {

/// How many characters of `text` are shown: all of them, or those before the cut.
std::size_t characters_shown(std::string_view text, std::size_t columns) {
  constexpr std::size_t kLeast = 20;  // so that something is always seen
  constexpr std::string_view kSample = "...\" (1000 more characters)";
  auto const length = length_in_characters(text);
  if (length <= columns) return length;
  auto const kept = std::max(columns, kLeast + kSample.size()) - kSample.size();
  return length <= kept + kSample.size() ? length : kept;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t columns) {
  auto const length = length_in_characters(text);
  auto const kept = characters_shown(text, columns);
  if (kept == length) return std::string(text);
  return fmt::format("{}...{} ({} more characters)", head(text, kept),
                     text.starts_with('"') ? "\"" : "", length - kept);
}

std::string value_text(Value const& value, std::size_t columns) {
  if (is_deferred(value)) {
    if (is_sensitive(value)) return std::string(kMasked);
    return fmt::format("(known after apply: {})",
                       shortened(visible(describe_deferred(value)), columns));
  }
  if (value.is_null()) return "(none)";
  if (auto const* array = value.if_array(); array != nullptr && !array->empty()) {
    std::vector<std::string> parts;
    for (auto const& element : *array) parts.push_back(value_text(element, columns));
    return shortened(fmt::format("[{}]", fmt::join(parts, ", ")), columns);
  }
  if (auto const* object = value.if_object(); object != nullptr && !object->empty()) {
    std::vector<std::string> parts;
    for (auto const& member : *object) {
      parts.push_back(
          fmt::format("{}: {}", visible(member.key()), value_text(member.value(), columns)));
    }
    return shortened(fmt::format("{{{}}}", fmt::join(parts, ", ")), columns);
  }
  if (value.is_string()) {
    // JSON escapes most controls; visible() sees to the rest, such as bidirectional overrides.
    return shortened(visible(canonical(value)), columns);
  }
  return canonical(value);
}

namespace {

struct Side {
  std::string text;  ///< whole
  std::size_t columns = 0;
};

/// Bytes that both begin with and that are in the way of what differs; 0 where that is seen.
std::size_t bytes_in_the_way(Side const& before, Side const& after) {
  constexpr std::size_t kAround = 8;  // equal characters that stay, to find the place by
  auto const end = std::ranges::mismatch(before.text, after.text).in1;
  auto const equal = length_in_characters(std::string(before.text.begin(), end));
  auto const hides = [&](Side const& side) {
    auto const shown = characters_shown(side.text, side.columns);
    return shown < length_in_characters(side.text) && shown <= equal;
  };
  if (equal <= kAround || (!hides(before) && !hides(after))) return 0;
  return head(before.text, equal - kAround).size();
}

std::string without_beginning(Side const& side, std::size_t bytes) {
  auto const* const start = side.text.starts_with('"') ? "\"..." : "...";
  return shortened(start + side.text.substr(bytes), side.columns);
}

}  // namespace

ValuePair value_pair(Value const& before, std::size_t before_columns, Value const& after,
                     std::size_t after_columns) {
  Side const old_side{value_text(before, kWhole), before_columns};
  Side const new_side{value_text(after, kWhole), after_columns};
  auto const bytes = bytes_in_the_way(old_side, new_side);
  if (bytes == 0) return {value_text(before, before_columns), value_text(after, after_columns)};
  return {without_beginning(old_side, bytes), without_beginning(new_side, bytes)};
}

RowTexts row_texts(AttributeRow const& row, std::size_t columns) {
  RowTexts texts;
  for (std::size_t i = 0; i < std::max(row.removed_lines.size(), row.added_lines.size()); ++i) {
    bool const goes = i < row.removed_lines.size();
    bool const comes = i < row.added_lines.size();
    Side const before{goes ? visible(row.removed_lines[i]) : std::string(), columns};
    Side const after{comes ? visible(row.added_lines[i]) : std::string(), columns};
    auto const bytes = bytes_in_the_way(before, after);
    auto const text = [&](Side const& side) {
      return bytes == 0 ? shortened(side.text, columns) : without_beginning(side, bytes);
    };
    if (goes) texts.removed.push_back(text(before));
    if (comes) texts.added.push_back(text(after));
  }
  for (std::size_t i = 0; i < std::max(row.removed.size(), row.added.size()); ++i) {
    bool const goes = i < row.removed.size();
    bool const comes = i < row.added.size();
    if (goes && comes) {
      auto pair = value_pair(*row.removed[i], columns, *row.added[i], columns);
      texts.removed.push_back(std::move(pair.before));
      texts.added.push_back(std::move(pair.after));
    } else if (goes) {
      texts.removed.push_back(value_text(*row.removed[i], columns));
    } else {
      texts.added.push_back(value_text(*row.added[i], columns));
    }
  }
  return texts;
}

void print_attribute(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const name = visible(change.name);
  std::string note;
  if (change.drifted) note += "  # drift: changed outside of Tenantry";
  if (change.forces_replace) note += "  # forces a replacement";
  if (change.sensitive) {
    return paper.marked(indent, "~", Ink::yellow, fmt::format("{}: {}{}", name, kMasked, note));
  }
  Printer printer(paper, indent, note);
  for (auto const& row : rows_of(change)) printer.print(row);
}

void print_released(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const name = visible(change.name);
  auto const value =
      change.sensitive ? std::string(kMasked) : value_text(change.before, paper.width() / 2);
  paper.marked(indent, "<", Ink::dim, fmt::format("{}: no longer managed, stays {}", name, value));
}

void print_drift(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const columns = paper.width() / 3;
  auto const shown = value_pair(change.last_applied, columns, change.before, columns);
  auto const values =
      change.sensitive ? std::string(kMasked) : fmt::format("{} -> {}", shown.before, shown.after);
  paper.marked(indent, "*", Ink::cyan,
               fmt::format("{}: drift: changed outside of Tenantry, {} (left as it is)",
                           visible(change.name), values));
}

}  // namespace tenantry::plans
