#include "engine/config/json_elements.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tenantry::config {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// What may stand in JSON outside of its texts.
bool is_of_json(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '-' || c == '.' || c == ':' || kBlanks.find(c) != std::string_view::npos;
}

/// The code unit that `\\uXXXX` at `at` stands for.
std::optional<std::uint32_t> escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 6;
  if (text.substr(at, 2) != "\\u" || text.size() < at + kLength) return std::nullopt;
  std::uint32_t unit = 0;
  auto const* const end = text.data() + at + kLength;
  auto const read = std::from_chars(text.data() + at + 2, end, unit, 16);
  return read.ec == std::errc() && read.ptr == end ? std::optional(unit) : std::nullopt;
}

}  // namespace

bool JsonElements::can_cut(std::string_view text) {
  auto const first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || (text[first] != '[' && text[first] != '{')) return false;
  JsonElements elements(text);
  while (true) {
    elements.skip_blanks();
    if (elements.at_end()) return false;
    if (elements.text_[elements.at_] == elements.close_) break;
    auto const begin = elements.at_;
    if (!elements.skip_element() || elements.at_end() || elements.at_ == begin) return false;
    if (elements.text_[elements.at_] != ',') break;
    elements.take();
  }
  if (elements.text_[elements.at_] != elements.close_) return false;
  elements.take();
  elements.skip_blanks();
  return elements.at_end();
}

JsonElements::JsonElements(std::string_view text) : text_(text) {
  skip_blanks();
  if (at_end()) return;
  open_ = text_[at_];
  close_ = open_ == '[' ? ']' : '}';
  take();
}

std::optional<JsonElements::Element> JsonElements::next() {
  skip_blanks();
  if (at_end() || text_[at_] == close_) return std::nullopt;
  Element out{{}, line_, column_};
  auto const begin = at_;
  skip_element();
  out.text.reserve(at_ - begin + 2);
  out.text += open_;
  out.text += text_.substr(begin, at_ - begin);
  out.text += close_;
  if (!at_end() && text_[at_] == ',') take();
  return out;
}

void JsonElements::take() {
  auto const c = text_[at_++];
  if (c == '\n') {
    ++line_;
    column_ = 1;
  } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
    ++column_;
  }
}

void JsonElements::skip_blanks() {
  while (!at_end() && kBlanks.find(text_[at_]) != std::string_view::npos) take();
}

/// Up to the comma or the bracket behind the element. False where that is not JSON.
bool JsonElements::skip_element() {
  std::size_t depth = 0;
  while (!at_end()) {
    auto const c = text_[at_];
    if (c == '"') {
      if (!skip_text()) return false;
      continue;
    }
    bool const closes = c == ']' || c == '}';
    if (depth == 0 && (c == ',' || closes)) return true;
    if (c == '[' || c == '{') {
      ++depth;
    } else if (closes) {
      --depth;
    } else if (c != ',' && !is_of_json(c)) {
      return false;
    }
    take();
  }
  return false;
}

/// A text in quotes. False where it does not end.
bool JsonElements::skip_text() {
  take();
  while (!at_end() && text_[at_] != '"') {
    if (text_[at_] == '\\') take();
    if (!at_end()) take();
  }
  if (at_end()) return false;
  take();
  return true;
}

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

}  // namespace tenantry::config
