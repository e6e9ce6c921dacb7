// What tenants say of each other: aliases, host names, credentials of their regions.
#pragma once
#include <map>
#include <string>

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
  void check_claims(std::map<std::string, std::vector<Claim>>& claims, std::string_view what,
                    std::string_view summary);

  Model const& model_;
  Reporter& reporter_;
  std::map<std::string, std::vector<Claim>> aliases_;  ///< by region and alias
  std::map<std::string, std::vector<Claim>> hostnames_;
  std::map<std::string, std::string> needs_client_;  ///< region, one of its tenants
};

}  // namespace tenantry::config
