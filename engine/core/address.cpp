#include "engine/core/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry {

std::string Address::text() const {
  if (section.empty()) return tenant;
  return key.empty() ? tenant + '/' + section : tenant + '/' + section + '/' + key;
}

bool is_key(std::string_view text) {
  // Keys end up in paths, and these two lead out of a folder.
  if (text.empty() || text == "." || text == "..") return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

Result<Address> parse_address(std::string_view text) {
  auto const wrong = [&] {
    return Error(Errc::invalid, fmt::format("\"{}\" is not an address", text),
                 "write TENANT or TENANT/SECTION/KEY, for example acme/groups/analysts");
  };
  auto const first = text.find('/');
  if (first == std::string_view::npos) {
    if (!is_key(text)) return wrong();
    return Address{std::string(text), {}, {}};
  }
  auto const second = text.find('/', first + 1);
  auto const tenant = text.substr(0, first);
  auto const section = text.substr(first + 1, second - first - 1);
  if (!is_key(tenant) || !is_key(section)) return wrong();
  if (second == std::string_view::npos)
    return Address{std::string(tenant), std::string(section), {}};
  auto const key = text.substr(second + 1);
  if (!is_key(key)) return wrong();
  return Address{std::string(tenant), std::string(section), std::string(key)};
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  // Iterative: of the stars behind us only the last of each kind can have to take more.
  struct Star {
    std::size_t after = std::string_view::npos;  // where the pattern goes on
    std::size_t end = 0;                         // of what it has taken
  };
  std::size_t p = 0, t = 0;
  Star within, across;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      bool const crosses = p + 1 < pattern.size() && pattern[p + 1] == '*';
      p += crosses ? 2 : 1;
      if (crosses) across = {p, t};
      within = crosses ? Star{} : Star{p, t};
    } else if (p < pattern.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
      ++p;
      ++t;
    } else if (within.after != std::string_view::npos && text[within.end] != '/') {
      p = within.after;
      t = ++within.end;
    } else if (across.after != std::string_view::npos) {
      p = across.after;
      t = ++across.end;
      within = {};
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool selects(std::string_view pattern, Address const& address) {
  auto const first = pattern.find('/');
  if (first == std::string_view::npos) return glob_matches(pattern, address.tenant);
  auto const rest = pattern.substr(first + 1);
  bool const names_section =
      rest.find('/') == std::string_view::npos && rest.find("**") == std::string_view::npos;
  if (names_section) {
    return !address.is_tenant() && glob_matches(pattern.substr(0, first), address.tenant) &&
           glob_matches(rest, address.section);
  }
  return glob_matches(pattern, address.text());
}

}  // namespace tenantry
