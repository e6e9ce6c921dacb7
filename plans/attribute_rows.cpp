#include "plans/attribute_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::plans {
namespace {

using Form = AttributeRow::Form;

std::vector<std::string> lines_of(Value const& value) {
  std::vector<std::string> lines;
  auto const* string = value.if_string();
  if (string == nullptr) return lines;
  std::string_view const text(*string);
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

Object const* plain_object(Value const& value) {
  return is_deferred(value) ? nullptr : value.if_object();
}

/// Elements that only one side has, each as often as it has it more.
std::vector<Value const*> only_in(Array const& some, Array const& others) {
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

class Rows {
 public:
  explicit Rows(bool unordered) : unordered_(unordered) {}

  void add(std::string const& path, Value const& before, Value const& after) {
    auto const* old_object = plain_object(before);
    auto const* new_object = plain_object(after);
    bool const object = new_object != nullptr && (old_object != nullptr || before.is_null());
    bool const list = after.is_array() && (before.is_array() || before.is_null());
    if (object && !new_object->empty()) {
      members(path, old_object, *new_object);
    } else if (list && !(after.get_array().empty() && before.is_null())) {
      elements(path, before, after);
    } else if (has_lines(after) || has_lines(before)) {
      lines(path, before, after);
    } else {
      whole(path, Form::scalar, before, after);
    }
  }

  std::vector<AttributeRow> take() { return std::move(rows_); }

 private:
  AttributeRow& row(std::string const& path, Form form, Value const& before) {
    auto& row = rows_.emplace_back();
    row.path = path;
    row.form = form;
    row.is_new = before.is_null();
    return row;
  }

  void whole(std::string const& path, Form form, Value const& before, Value const& after) {
    auto& added = row(path, form, before);
    if (!before.is_null()) added.removed.push_back(&before);
    added.added.push_back(&after);
  }

  void members(std::string const& path, Object const* before, Object const& after) {
    static Value const kNone = nullptr;
    for (auto const& member : after) {
      auto const* old = before != nullptr ? find(*before, member.key()) : nullptr;
      if (old != nullptr && equal(*old, member.value())) continue;
      add(fmt::format("{}.{}", path, visible(member.key())), old != nullptr ? *old : kNone,
          member.value());
    }
  }

  void elements(std::string const& path, Value const& before, Value const& after) {
    static Array const kNone;
    auto const& old = before.is_array() ? before.get_array() : kNone;
    auto const& now = after.get_array();
    auto removed = only_in(old, now);
    auto added = only_in(now, old);
    if (removed.empty() && added.empty() && !unordered_) {
      return whole(path, Form::order, before, after);
    }
    auto& list = row(path, Form::elements, before);
    list.unchanged = now.size() - added.size();
    list.removed = std::move(removed);
    list.added = std::move(added);
  }

  void lines(std::string const& path, Value const& before, Value const& after) {
    auto& text = row(path, Form::lines, before);
    auto old = lines_of(before);
    auto now = lines_of(after);
    auto const whole = now.size();
    auto const [a, b] = std::ranges::mismatch(old, now);
    old.erase(old.begin(), a);
    now.erase(now.begin(), b);
    while (!old.empty() && !now.empty() && old.back() == now.back()) {
      old.pop_back();
      now.pop_back();
    }
    text.unchanged = whole - now.size();
    text.removed_lines = std::move(old);
    text.added_lines = std::move(now);
    if (!after.is_string()) text.added.push_back(&after);
  }

  std::vector<AttributeRow> rows_;
  bool unordered_;
};

}  // namespace

std::vector<AttributeRow> rows_of(AttributeChange const& change) {
  if (change.sensitive) return {};
  Rows rows(change.unordered);
  rows.add(visible(change.name), change.before, change.after);
  return rows.take();
}

}  // namespace tenantry::plans
