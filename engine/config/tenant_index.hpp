// All tenants of a configuration by key, and where each is written.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

struct FleetEntry;

class TenantIndex {
 public:
  /// A tenant under `tenants` by its number, or a row of a fleet by its number.
  struct Place {
    FleetEntry const* fleet = nullptr;  ///< nullptr: under `tenants`
    std::size_t number = 0;
    Mark where;
    bool certain = true;  ///< false: a broken row, whose key may be that of another
  };

  void add(TenantSummary summary, Place place);
  /// Sorts by key. Reports keys that two tenants have, at the later place.
  void finish(Reporter& reporter);

  // After finish():
  std::vector<TenantSummary> const& summaries() const { return summaries_; }
  /// Where a tenant is written; nullptr for a key that none has.
  Place const* find(std::string_view key) const;

 private:
  std::vector<TenantSummary> summaries_;
  std::vector<Place> places_;  ///< in the order of the summaries
};

}  // namespace tenantry::config
