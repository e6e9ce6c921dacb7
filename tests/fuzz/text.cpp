// Texts of files and servers on their way to a terminal.
#include "engine/core/text.hpp"

#include "engine/core/diagnostic.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void text(std::string_view input) {
  auto const shown = visible(input);
  ensure(is_utf8(shown), "a visible text is UTF-8");
  ensure(is_plain(shown) && shown.find('\n') == std::string::npos,
         "a visible text cannot move the cursor");
  ensure(visible(shown) == shown, "a visible text stays as it is");
  if (is_utf8(input)) ensure(length_in_characters(input) <= input.size(), "a character is bytes");
  auto const words = parts(input, 20);
  std::vector<std::string> const candidates(words.begin(), words.end());
  if (candidates[0].size() <= 64) {
    auto const found = nearest(candidates[0], candidates);
    ensure(found && lower(*found) == lower(candidates[0]), "the nearest word to a word is itself");
  }
  (void)did_you_mean(input, candidates);
  Diagnostic const diagnostic{Severity::error,
                              {std::string(part(words, 0)), 1, 2},
                              std::string(part(words, 1)),
                              std::string(part(words, 2)),
                              std::string(part(words, 3)),
                              std::string(part(words, 4))};
  ensure(is_plain(format(diagnostic)), "a message cannot move the cursor");
}

}  // namespace tenantry::fuzz
