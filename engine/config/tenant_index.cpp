#include "engine/config/tenant_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/core/text.hpp"

namespace tenantry::config {
namespace {

TenantSummary const* find_summary(std::vector<TenantSummary> const& summaries,
                                  std::string_view key) {
  auto const at = std::ranges::lower_bound(
      summaries, key, {}, [](auto const& summary) -> std::string_view { return summary.key; });
  return at == summaries.end() || at->key != key ? nullptr : &*at;
}

}  // namespace

void TenantIndex::add(TenantSummary summary, Place place) {
  summaries_.push_back(std::move(summary));
  places_.push_back(place);
}

void TenantIndex::finish(Reporter& reporter) {
  std::vector<std::size_t> order(summaries_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    auto const by_key = summaries_[a].key <=> summaries_[b].key;
    return by_key != 0 ? by_key < 0 : places_[a].where < places_[b].where;
  });
  std::vector<TenantSummary> summaries;
  std::vector<Place> places;
  summaries.reserve(order.size());
  places.reserve(order.size());
  for (auto const i : order) {
    if (!summaries.empty() && summaries.back().key == summaries_[i].key) {
      if (!places_[i].certain || !places.back().certain) continue;
      reporter.error(places_[i].where, fmt::format("duplicate tenant \"{}\"", summaries_[i].key),
                     fmt::format("The key is in use already at {}.", summaries.back().where.text()),
                     "give one of them another key");
      continue;
    }
    summaries.push_back(std::move(summaries_[i]));
    places.push_back(places_[i]);
  }
  summaries_ = std::move(summaries);
  places_ = std::move(places);
}

TenantIndex::Place const* TenantIndex::find(std::string_view key) const {
  auto const* found = find_summary(summaries_, key);
  return found == nullptr ? nullptr : &places_[static_cast<std::size_t>(found - summaries_.data())];
}

}  // namespace tenantry::config
