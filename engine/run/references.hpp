// One comparable name for each thing that other resources name.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/desired.hpp"
#include "engine/run/live_tenant.hpp"
#include "plans/diff.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// A YAML text may be a key of the tenant, the name of a live object or its id; a live reference
/// has an id and a name. All become the name that the object has or will have. An owned object goes
/// by the name that the configuration gives it, so that renaming a role changes no group.
class TenantReferences final : public plans::ReferenceNames, public References {
 public:
  /// All arguments must outlive this object; `desired` may be empty.
  TenantReferences(std::vector<DesiredResource> const& desired, state::TenantState const& state,
                   LiveTenant const& live);

  std::string of_written(std::string_view section, std::string_view text) const override;
  std::string of_live(std::string_view section, std::string_view id,
                      std::string_view name) const override;
  RemoteId id_of(std::string_view section, std::string_view name) const override;

  /// Notes that `address` is now the object `id`.
  void own(Address const& address, RemoteId const& id);

 private:
  std::string const* desired_name(std::string_view section, std::string_view key) const;

  state::TenantState const& state_;
  LiveTenant const& live_;
  std::map<Address, std::string> desired_names_;
  std::map<std::pair<std::string, RemoteId>, Address> owned_;
};

}  // namespace tenantry::run
