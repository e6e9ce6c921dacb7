#include "engine/core/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry {

std::string Address::text() const {
  if (section.empty()) return tenant;
  return key.empty() ? tenant + '/' + section : tenant + '/' + section + '/' + key;
}

bool is_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
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
  // Iterative with one remembered star: linear in practice, never exponential.
  std::size_t p = 0, t = 0;
  auto star = std::string_view::npos;
  std::size_t star_text = 0;
  bool star_crosses = false;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star_crosses = p + 1 < pattern.size() && pattern[p + 1] == '*';
      p += star_crosses ? 2 : 1;
      star = p;
      star_text = t;
    } else if (p < pattern.size() &&
               (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && (star_crosses || text[star_text] != '/')) {
      p = star;
      t = ++star_text;
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
