#include "engine/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <numeric>

namespace tenantry {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (text.empty()) return 0;
  auto const lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  bool const overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  bool const surrogate = lead == 0xED && byte(1) > 0x9F;
  bool const beyond = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// C1 controls (U+0080 to U+009F), what turns the direction of text (U+061C, U+200E, U+200F, U+202A
/// to U+202E, U+2066 to U+2069), separators of lines (U+2028, U+2029) and what takes no room
/// (U+200B, U+2060, U+FEFF, tags from U+E0000 to U+E007F) can disguise text. Joiners can as well,
/// but some languages are not written without.
bool is_disguise(std::string_view sequence) {
  if (sequence.size() == 2) {
    return sequence == "\xD8\x9C" ||
           (sequence[0] == '\xC2' && static_cast<std::uint8_t>(sequence[1]) < 0xA0);
  }
  if (sequence == "\xEF\xBB\xBF") return true;
  if (sequence.size() == 4) {
    return sequence.starts_with("\xF3\xA0\x80") || sequence.starts_with("\xF3\xA0\x81");
  }
  if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
  auto const second = static_cast<std::uint8_t>(sequence[1]);
  auto const third = static_cast<std::uint8_t>(sequence[2]);
  if (second == 0x80) {
    return (third >= 0xA8 && third <= 0xAE) || third == 0x8B || third == 0x8E || third == 0x8F;
  }
  return second == 0x81 && ((third >= 0xA6 && third <= 0xA9) || third == 0xA0);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const above = row[j];
      auto const cost = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({above + 1, row[j - 1] + 1, cost});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto const length = sequence_length(text);
    auto const first = static_cast<std::uint8_t>(text[0]);
    bool const control = length == 1 && (first < 0x20 || first == 0x7F);
    if (length == 0 || control || is_disguise(text.substr(0, length))) {
      auto const bytes = std::max<std::size_t>(length, 1);
      for (std::size_t i = 0; i < bytes; ++i) {
        out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[i]));
      }
      text.remove_prefix(bytes);
      continue;
    }
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

std::optional<std::string> nearest(std::string_view word, std::span<std::string const> candidates) {
  constexpr std::size_t kWordMax = 64;  // longer words are no typos, and the search is quadratic
  if (word.size() > kWordMax) return std::nullopt;
  auto const wanted = lower(word);
  std::optional<std::string> best;
  // A swap of two letters counts as two; three letters or fewer allow for one.
  auto const distance_max = word.size() <= 3 ? 1 : std::max<std::size_t>(2, word.size() / 3);
  auto best_distance = distance_max + 1;
  for (auto const& candidate : candidates) {
    if (candidate.size() > kWordMax) continue;
    auto const distance = edit_distance(wanted, lower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<std::string const> candidates) {
  auto const found = nearest(word, candidates);
  return found ? fmt::format(" (did you mean \"{}\"?)", visible(*found)) : std::string();
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto const length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t length_in_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string join_words(std::span<std::string const> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += words[i];
  }
  return out;
}

std::string with_article(std::string_view noun) {
  bool const vowel =
      !noun.empty() && std::string_view("aeioAEIO").find(noun[0]) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

std::string counted(std::size_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace tenantry
