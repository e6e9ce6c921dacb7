#include "engine/run/unmanaged.hpp"

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::run {
namespace {

/// Host names of tenants that are to be taken over, and may not be in the state yet.
std::set<std::string> declared_hosts(config::Configuration const& configuration) {
  std::set<std::string> hosts;
  for (auto const& tenant : configuration.tenants()) {
    if (!tenant.hostname.empty()) hosts.insert(lower(tenant.hostname));
  }
  return hosts;
}

}  // namespace

Task<std::vector<plans::UnmanagedTenant>> unmanaged_tenants(Context& context,
                                                            OrganizationView& organization) {
  if (!organization.configured()) {
    co_return Error(
        Errc::invalid, "only an organization-level client can list the tenants that nobody manages",
        "write `organization: {clientId: ..., clientSecret: ...}` in the configuration");
  }
  auto listed = co_await organization.fresh_tenants();
  if (!listed) co_return listed.error();
  auto owned = co_await organization.owned();
  if (!owned) co_return owned.error();
  auto const declared = declared_hosts(context.configuration);
  std::vector<plans::UnmanagedTenant> out;
  for (auto const& listing : *listed) {
    bool const known = std::ranges::any_of(
        listing.hostnames, [&](auto const& host) { return declared.contains(lower(host)); });
    if (known || owned->contains(listing.id) || listing.status == "deleted") continue;
    out.push_back({listing.id, listing.hostnames.empty() ? "" : listing.hostnames.front(),
                   listing.name, listing.region, listing.status});
  }
  std::ranges::sort(out, {}, [](auto const& t) { return std::pair(t.hostname, t.id.text()); });
  co_return out;
}

}  // namespace tenantry::run
