#include "engine/config/former_keys.hpp"

#include <algorithm>

namespace tenantry::config {

bool FormerKeys::add(std::string former, std::string present, SourceRange where) {
  auto const [at, is_new] = by_former_.try_emplace(former, Entry{present, std::move(where)});
  if (is_new) by_present_.emplace(std::move(present), std::move(former));
  return is_new;
}

FormerKeys::Entry const* FormerKeys::entry(std::string_view former) const {
  auto const found = by_former_.find(former);
  return found == by_former_.end() ? nullptr : &found->second;
}

std::vector<std::string> FormerKeys::of(std::string_view present) const {
  std::vector<std::string> out;
  auto const [first, last] = by_present_.equal_range(present);
  for (auto at = first; at != last; ++at) out.push_back(at->second);
  std::ranges::sort(out);
  return out;
}

}  // namespace tenantry::config
