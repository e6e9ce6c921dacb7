#include "engine/config/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

/// Index behind the digits that start at `i`.
std::size_t skip_digits(std::string_view text, std::size_t i) {
  while (i < text.size() && is_digit(text[i])) ++i;
  return i;
}

bool is_integer(std::string_view text) {
  auto const digits = text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  return !digits.empty() && skip_digits(digits, 0) == digits.size();
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  std::size_t i = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  auto const whole = skip_digits(text, i);
  bool const has_whole = whole > i;
  i = whole;
  if (i < text.size() && text[i] == '.') {
    auto const fraction = skip_digits(text, i + 1);
    if (!has_whole && fraction == i + 1) return false;
    i = fraction;
  } else if (!has_whole) {
    return false;
  }
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  auto const exponent = skip_digits(text, i);
  return exponent > i && exponent == text.size();
}

/// Base 8 or 16 of `0o17` and `0x1F`, and 0 for anything else.
int base_of(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return 0;
  auto const all = [&](auto fits) { return std::ranges::all_of(text.substr(2), fits); };
  if (text[1] == 'o' && all([](char c) { return c >= '0' && c <= '7'; })) return 8;
  bool const hex =
      all([](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  return text[1] == 'x' && hex ? 16 : 0;
}

Result<Value> to_integer(std::string_view digits, int base, std::string_view written) {
  std::int64_t number = 0;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  auto const [end, ec] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (ec != std::errc() || end != digits.data() + digits.size()) {
    return Error(Errc::invalid,
                 fmt::format("{} does not fit into a 64-bit whole number.", visible(written)),
                 "write it in quotes if it is a text");
  }
  return Value(number);
}

}  // namespace

Result<Value> resolve_plain(std::string_view text) {
  if (text.empty()) return Value(nullptr);
  auto const first = text.front();
  bool const letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  if (first == '~' || letter) {
    if (is_one_of(text, {"~", "null", "Null", "NULL"})) return Value(nullptr);
    if (is_one_of(text, {"true", "True", "TRUE"})) return Value(true);
    if (is_one_of(text, {"false", "False", "FALSE"})) return Value(false);
    return Value(boost::json::string(text));
  }
  if (is_integer(text)) return to_integer(text, 10, text);
  if (auto const base = base_of(text); base != 0) return to_integer(text.substr(2), base, text);
  auto const unsigned_text = text.substr(first == '-' || first == '+' ? 1 : 0);
  if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) {
    return Error(Errc::invalid, fmt::format("{} is not a number that can be sent.", text),
                 "write it in quotes if it is a text");
  }
  if (!is_float(text)) return Value(boost::json::string(text));
  double number = 0;
  auto const digits = text.substr(first == '+' ? 1 : 0);
  auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  (void)end;  // is_float has seen that all of it is a number
  if (ec == std::errc() && std::isfinite(number)) return Value(number);
  return Error(Errc::invalid, fmt::format("{} is too large or too small.", visible(text)),
               "write it in quotes if it is a text");
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return true;
  auto const plain = resolve_plain(text);
  if (!plain || !plain->is_string()) return true;
  if (is_one_of(lower(text), {"yes", "no", "on", "off", "y", "n", "<<", "="})) return true;
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
  if (kIndicators.find(text.front()) != std::string_view::npos) return true;
  // Old readers know more numbers: 1_000, 0b1, 12:30:45, dates.
  if (is_digit(text.front()) || ((text.front() == '+' || text.front() == '.') && text.size() > 1)) {
    auto const odd = text.find_first_not_of("0123456789_:.+-xXobTZt ");
    if (odd == std::string_view::npos) return true;
  }
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos ||
      text.back() == ':') {
    return true;
  }
  return visible(text) != text;
}

}  // namespace tenantry::config
