#include "engine/core/desired.hpp"

#include <algorithm>

namespace tenantry {

namespace {
constexpr std::size_t kFew = 32;
}

void Places::emplace(std::string pointer, SourceRange where) {
  if (entries_.empty()) entries_.reserve(8);
  if (entries_.size() == kFew) {
    for (std::size_t i = 0; i < kFew; ++i) index_.emplace(entries_[i].first, i);
  }
  if (entries_.size() >= kFew) index_.emplace(pointer, entries_.size());
  entries_.emplace_back(std::move(pointer), std::move(where));
}

SourceRange const* Places::find(std::string_view pointer) const {
  if (!index_.empty()) {
    auto const found = index_.find(pointer);
    return found == index_.end() ? nullptr : &entries_[found->second].second;
  }
  auto const found = std::ranges::find(entries_, pointer, &Entry::first);
  return found == entries_.end() ? nullptr : &found->second;
}

SourceRange const& DesiredResource::origin(std::string_view pointer) const {
  for (auto path = pointer; !path.empty(); path = path.substr(0, path.rfind('/'))) {
    if (auto const* found = origins.find(path)) return *found;
  }
  return where;
}

}  // namespace tenantry
