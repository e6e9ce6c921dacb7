// Addresses and the globs of --target, --exclude and policy.drift. Input: pattern, text.
#include "engine/core/address.hpp"

#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {

/// What a glob means, told from the definition: `*` any run of characters but `/`, `**` any run,
/// `?` one that is no `/`. Of stars in a row the first two are `**`, the next two again.
bool fits(std::string_view pattern, std::string_view text) {
  // fits_from[t]: the rest of the pattern fits the rest of the text from t on.
  std::vector<bool> fits_from(text.size() + 1, false);
  fits_from[text.size()] = true;
  std::vector<std::string_view> tokens;
  while (!pattern.empty()) {
    tokens.push_back(pattern.substr(0, pattern.starts_with("**") ? 2 : 1));
    pattern.remove_prefix(tokens.back().size());
  }
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    std::vector<bool> next(text.size() + 1, false);
    for (auto t = text.size() + 1; t-- > 0;) {
      bool const has_one = t < text.size();
      if ((*token)[0] == '*') {
        bool const may_take = has_one && (token->size() == 2 || text[t] != '/');
        next[t] = fits_from[t] || (may_take && next[t + 1]);
      } else {
        bool const same = has_one && (text[t] == (*token)[0] || (*token == "?" && text[t] != '/'));
        next[t] = same && fits_from[t + 1];
      }
    }
    fits_from = std::move(next);
  }
  return fits_from[0];
}

}  // namespace

void address(std::string_view input) {
  auto const all = parts(input, 2);
  auto const pattern = part(all, 0);
  auto const text = part(all, 1);
  bool const matched = glob_matches(pattern, text);
  constexpr std::size_t kComparedMax = 200;  // the definition is quadratic
  if (pattern.size() <= kComparedMax && text.size() <= kComparedMax) {
    ensure(matched == fits(pattern, text), "a glob matches what its definition says");
  }
  auto const address = parse_address(text);
  if (!address) return;
  ensure(address->text() == text, "an address is written as it was read");
  ensure(selects(text, *address), "an address selects itself");
  ensure(selects(address->tenant, *address), "a tenant's key selects all that is in it");
  (void)selects(pattern, *address);
}

}  // namespace tenantry::fuzz
