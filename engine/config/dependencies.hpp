// What the resources of one tenant say of each other: order, cycles, equal natural keys.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/config/report.hpp"
#include "engine/config/resource_reader.hpp"

namespace tenantry::config {

/// Name of a resource inside its tenant, as `dependsOn` writes it: "groups/analysts", or
/// "groupSettings" where the section is one resource.
std::string local_name(Address const& address);

/// Local names of resources that a tenant does not have.
struct LeftOut {
  std::set<std::string> by_when;
  std::set<std::string> unclear;  ///< nobody knows, since `when` is broken (reported)
};

/// Fills `depends_on` of every resource: what `dependsOn` names, and what attributes with
/// `refers_to` name by its key. Reports names that are no resource of the tenant.
void resolve_dependencies(std::vector<ReadResource>& resources, LeftOut const& left_out,
                          Reporter& reporter);

/// Reports each cycle at the member that comes first in the files.
void check_cycles(std::vector<ReadResource> const& resources, Reporter& reporter);

/// Reports resources of a kind that agree in their natural key, at the later one.
void check_natural_keys(std::vector<ReadResource> const& resources, Reporter& reporter);

/// Reports resources of a kind that claim a flag which only one may have, at the later one.
void check_exclusive(std::vector<ReadResource> const& resources, Reporter& reporter);

}  // namespace tenantry::config
