// What tenants say of each other: aliases, host names, sinks, credentials of their regions.
#pragma once
#include <map>
#include <string>
#include <unordered_map>

#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Sees every tenant once, in any order, and reports what only all of them together tell.
class FleetCheck {
 public:
  FleetCheck(Model const& model, Reporter& reporter) : model_(model), reporter_(reporter) {}

  /// `tenant` is the expansion of `entry`.
  void see(TenantEntry const& entry, Tenant const& tenant);
  void finish();

 private:
  struct Claim {
    std::string tenant;
    Mark tenant_where;
    SourceRange where;
  };
  void see_deliveries(Tenant const& tenant);
  void check_claims(std::map<std::string, std::vector<Claim>>& claims, std::string_view what,
                    std::string_view summary);

  Model const& model_;
  Reporter& reporter_;
  std::map<std::string, std::vector<Claim>> aliases_;  ///< by region and alias
  std::map<std::string, std::vector<Claim>> hostnames_;
  /// Who delivers a secret there: each other's would be overwritten.
  std::unordered_map<std::string, std::string> deliveries_;
  std::map<std::string, std::string> needs_client_;  ///< region, one of its tenants
};

}  // namespace tenantry::config
