#include "engine/core/characters.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "engine/core/error.hpp"

namespace tenantry {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
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

/// Of a well-formed sequence.
char32_t code_of(std::string_view sequence) {
  auto const lead = static_cast<std::uint8_t>(sequence[0]);
  constexpr std::uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = lead & kLeadBits[sequence.size()];
  for (char const c : sequence.substr(1)) {
    code = (code << 6) | (static_cast<std::uint8_t>(c) & 0x3FU);
  }
  return code;
}

/// What turns the direction of text, separates lines, or takes no room. Joiners can disguise, too,
/// but some languages are not written without.
bool is_disguise(char32_t code) {
  switch (code) {
    case U'\u061C':  // Arabic letter mark
    case U'\u200B':  // zero width space
    case U'\u200E':  // left-to-right mark
    case U'\u200F':  // right-to-left mark
    case U'\u2060':  // word joiner
    case U'\uFEFF':  // byte order mark
      return true;
    default:
      break;
  }
  bool const separates_or_embeds = code >= 0x2028 && code <= 0x202E;
  bool const isolates = code >= 0x2066 && code <= 0x2069;
  bool const is_tag = code >= 0xE0000 && code <= 0xE007F;
  return separates_or_embeds || isolates || is_tag;
}

/// C0, DEL and C1.
bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

std::string json_escape(char32_t code) {
  if (code < 0x10000) return fmt::format("\\u{:04x}", static_cast<unsigned>(code));
  auto const rest = static_cast<unsigned>(code) - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

}  // namespace

Character first_character(std::string_view text) {
  ensure(!text.empty(), "a text has a first character");
  auto const length = sequence_length(text);
  constexpr char32_t kReplacement = 0xFFFD;
  if (length == 0) return {text.substr(0, 1), kReplacement, false, false};
  auto const bytes = text.substr(0, length);
  auto const code = code_of(bytes);
  return {bytes, code, true, !is_control(code) && !is_disguise(code)};
}

std::string with_visible_strings(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    // All below stands for itself: controls that strings hold are escaped already.
    auto const plain =
        std::ranges::find_if(json, [](char c) { return static_cast<std::uint8_t>(c) >= 0x7F; });
    auto const count = static_cast<std::size_t>(plain - json.begin());
    out += json.substr(0, count);
    json.remove_prefix(count);
    if (json.empty()) break;
    auto const character = first_character(json);
    if (character.is_visible) {
      out += character.bytes;
    } else {
      out += json_escape(character.code);
    }
    json.remove_prefix(character.bytes.size());
  }
  return out;
}

}  // namespace tenantry
