// What tenants say of each other: aliases, host names, sinks, credentials of their regions.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Sees every tenant once, in any order, and reports what only all of them together tell.
class FleetCheck {
 public:
  /// All files of the configuration are in the model, which must outlive the check.
  FleetCheck(Model const& model, Reporter& reporter);

  /// `tenant` is the expansion of `entry`.
  void see(TenantEntry const& entry, Tenant const& tenant);
  void finish();

 private:
  struct Delivery {
    std::uint32_t tenant;    ///< number in delivering_
    std::uint32_t resource;  ///< as in resources_
  };
  struct Claim {
    std::string tenant;
    Mark tenant_where;
    SourceRange where;
  };
  void reserve(std::filesystem::path const& path, std::string what);
  void see_deliveries(Tenant const& tenant);
  std::string name_of(Delivery const& delivery) const;
  void check_claims(std::map<std::string, std::vector<Claim>>& claims, std::string_view what,
                    std::string_view summary);

  Model const& model_;
  Reporter& reporter_;
  std::map<std::string, std::vector<Claim>> aliases_;  ///< by region and alias
  std::map<std::string, std::vector<Claim>> hostnames_;
  /// Places that are no sink, and what is there.
  std::unordered_map<std::string, std::string> reserved_;
  /// Who delivers a secret to a place: each other's would be overwritten. By the hash of the place,
  /// since a fleet has hundreds of thousands of them.
  boost::unordered_flat_map<std::uint64_t, Delivery> deliveries_;
  std::vector<std::string> delivering_;                       ///< keys of tenants
  std::unordered_map<std::string, std::uint32_t> resources_;  ///< numbers of "section/key"
  std::map<std::string, std::string> needs_client_;           ///< region, one of its tenants
};

}  // namespace tenantry::config
