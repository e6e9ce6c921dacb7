#include "plans/attribute_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"

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

/// `text` in at most `columns`, the count of what is left out included; a quoted text stays quoted.
std::string shortened(std::string_view text, std::size_t columns) {
  constexpr std::size_t kLeast = 20;  // so that something is always seen
  constexpr std::string_view kSample = "...\" (1000 more characters)";
  auto const length = length_in_characters(text);
  if (length <= columns) return std::string(text);
  auto const kept = std::max(columns, kLeast + kSample.size()) - kSample.size();
  if (length <= kept + kSample.size()) return std::string(text);
  return fmt::format("{}...{} ({} more characters)", head(text, kept),
                     text.starts_with('"') ? "\"" : "", length - kept);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    auto const end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

bool has_lines(Value const& value) {
  auto const* text = value.if_string();
  return text != nullptr && std::string_view(*text).find('\n') != std::string_view::npos;
}

/// One attribute, or a member of one.
class Printer {
 public:
  Printer(Paper& paper, bool unordered) : paper_(paper), unordered_(unordered) {}

  void print(std::size_t indent, std::string const& name, Value const& before, Value const& after,
             std::string const& note) {
    auto const* old_object = plain_object(before);
    auto const* new_object = plain_object(after);
    bool const object = new_object != nullptr && (old_object != nullptr || before.is_null());
    bool const list = after.is_array() && (before.is_array() || before.is_null());
    if (object && !new_object->empty()) {
      members(indent, name, old_object, *new_object, note);
    } else if (list && !(after.get_array().empty() && before.is_null())) {
      elements(indent, name, before, after.get_array(), note);
    } else if (has_lines(after) || has_lines(before)) {
      text_lines(indent, name, before, after, note);
    } else {
      scalar(indent, name, before, after, note);
    }
  }

 private:
  static Object const* plain_object(Value const& value) {
    return is_deferred(value) ? nullptr : value.if_object();
  }

  /// Columns for a value behind "~ name: ".
  std::size_t room(std::size_t indent, std::string const& name) const {
    constexpr std::size_t kAround = 4;  // symbol and colon
    auto const used = indent + name.size() + kAround;
    return paper_.width() > used ? paper_.width() - used : 0;
  }

  void heading(std::size_t indent, std::string const& name, bool is_new, std::string const& note) {
    paper_.marked(indent, is_new ? "+" : "~", is_new ? Ink::green : Ink::yellow, name + ':' + note);
  }

  void scalar(std::size_t indent, std::string const& name, Value const& before, Value const& after,
              std::string const& note) {
    auto const columns = room(indent, name);
    if (before.is_null()) {
      auto const text = fmt::format("{}: {}{}", name, value_text(after, columns), note);
      return paper_.marked(indent, "+", Ink::green, text);
    }
    // The shorter one gives what it does not need.
    constexpr std::size_t kArrow = 4;
    auto const both = columns > kArrow ? columns - kArrow : 0;
    auto const old_size = length_in_characters(value_text(before, kWhole));
    auto const new_size = length_in_characters(value_text(after, kWhole));
    auto const old_room = std::max(both / 2, both - std::min(new_size, both));
    auto const new_room = std::max(both / 2, both - std::min(old_size, both));
    auto const text = fmt::format("{}: {} -> {}{}", name, value_text(before, old_room),
                                  value_text(after, new_room), note);
    paper_.marked(indent, "~", Ink::yellow, text);
  }

  void members(std::size_t indent, std::string const& name, Object const* before,
               Object const& after, std::string const& note) {
    for (auto const& member : after) {
      auto const* old = before != nullptr ? find(*before, member.key()) : nullptr;
      if (old != nullptr && equal(*old, member.value())) continue;
      auto const path = fmt::format("{}.{}", name, visible(member.key()));
      print(indent, path, old != nullptr ? *old : Value(nullptr), member.value(), note);
    }
  }

  /// Elements that only one side has, each as often as it has it more.
  static std::vector<Value const*> only_in(Array const& some, Array const& others) {
    std::vector<std::string> rest;
    for (auto const& other : others) rest.push_back(canonical(other));
    std::vector<Value const*> out;
    for (auto const& element : some) {
      auto const found = std::ranges::find(rest, canonical(element));
      if (found == rest.end()) {
        out.push_back(&element);
      } else {
        rest.erase(found);
      }
    }
    return out;
  }

  void elements(std::size_t indent, std::string const& name, Value const& before,
                Array const& after, std::string const& note) {
    static Array const kNone;
    auto const& old = before.is_array() ? before.get_array() : kNone;
    auto const removed = only_in(old, after);
    auto const added = only_in(after, old);
    if (removed.empty() && added.empty() && !unordered_) {
      return scalar(indent, name, before, after, note + "  # order");
    }
    heading(indent, name, before.is_null(), note);
    auto const columns = room(indent + 4, {});
    for (auto const* element : removed) {
      paper_.marked(indent + 4, "-", Ink::red, value_text(*element, columns));
    }
    for (auto const* element : added) {
      paper_.marked(indent + 4, "+", Ink::green, value_text(*element, columns));
    }
    unchanged(indent + 4, after.size() - added.size(), "element");
  }

  void unchanged(std::size_t indent, std::size_t count, std::string_view what) {
    if (count == 0) return;
    paper_.line(indent, fmt::format("  ({} unchanged)", counted(count, what)), Ink::dim);
  }

  void text_lines(std::size_t indent, std::string const& name, Value const& before,
                  Value const& after, std::string const& note) {
    auto const text = [](Value const& value) {
      auto const* string = value.if_string();
      return string != nullptr ? lines_of(std::string_view(*string)) : std::vector<std::string>{};
    };
    auto old = text(before);
    auto now = text(after);
    auto const whole = now.size();
    auto const [a, b] = std::ranges::mismatch(old, now);
    old.erase(old.begin(), a);
    now.erase(now.begin(), b);
    while (!old.empty() && !now.empty() && old.back() == now.back()) {
      old.pop_back();
      now.pop_back();
    }
    heading(indent, name, before.is_null(), note);
    auto const columns = room(indent + 4, {});
    for (auto const& line : old) {
      paper_.marked(indent + 4, "-", Ink::red, shortened(visible(line), columns));
    }
    for (auto const& line : now) {
      paper_.marked(indent + 4, "+", Ink::green, shortened(visible(line), columns));
    }
    if (!after.is_string()) {
      paper_.marked(indent + 4, "+", Ink::green, value_text(after, columns));
    } else {
      unchanged(indent + 4, whole - now.size(), "line");
    }
  }

  static constexpr auto kWhole = std::string::npos;

  Paper& paper_;
  bool unordered_;
};

}  // namespace

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

void print_attribute(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const name = visible(change.name);
  std::string note;
  if (change.drifted) note += "  # drift: changed outside of Tenantry";
  if (change.forces_replace) note += "  # forces a replacement";
  if (change.sensitive) {
    return paper.marked(indent, "~", Ink::yellow, fmt::format("{}: {}{}", name, kMasked, note));
  }
  Printer(paper, change.unordered).print(indent, name, change.before, change.after, note);
}

void print_released(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const name = visible(change.name);
  auto const value =
      change.sensitive ? std::string(kMasked) : value_text(change.before, paper.width() / 2);
  paper.marked(indent, "<", Ink::dim, fmt::format("{}: no longer managed, stays {}", name, value));
}

void print_drift(Paper& paper, std::size_t indent, AttributeChange const& change) {
  auto const columns = paper.width() / 3;
  auto const values = change.sensitive
                          ? std::string(kMasked)
                          : fmt::format("{} -> {}", value_text(change.last_applied, columns),
                                        value_text(change.before, columns));
  paper.marked(indent, "*", Ink::cyan,
               fmt::format("{}: drift: changed outside of Tenantry, {} (left as it is)",
                           visible(change.name), values));
}

}  // namespace tenantry::plans
