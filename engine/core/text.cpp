#include "engine/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <numeric>

#include "engine/core/characters.hpp"

namespace tenantry {
namespace {

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
    auto const character = first_character(text);
    text.remove_prefix(character.bytes.size());
    if (character.is_visible) {
      out += character.bytes;
      continue;
    }
    for (char const c : character.bytes) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    }
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
    auto const character = first_character(text);
    if (!character.is_utf8) return false;
    text.remove_prefix(character.bytes.size());
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
