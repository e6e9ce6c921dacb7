// Characters of UTF-8 texts, and which of them people see for what they are.
#pragma once
#include <string>
#include <string_view>

namespace tenantry {

struct Character {
  std::string_view bytes;  ///< in the text; a single one where it is not UTF-8
  char32_t code = 0;       ///< U+FFFD where it is not UTF-8
  bool is_utf8 = false;
  /// False for control characters, for what is not UTF-8, and for what can disguise text: it turns
  /// its direction, separates lines or takes no room.
  bool is_visible = false;
};

/// The character at the start of `text`, which must not be empty.
Character first_character(std::string_view text);

/// A JSON text of the same value in which every character of a string is visible: what is not is
/// written as \uNNNN.
std::string with_visible_strings(std::string_view json);

}  // namespace tenantry
