// Exports of many tenants, and of packages.
#include <fmt/format.h>

#include <algorithm>

#include "engine/run/exporter.hpp"
#include "engine/run/live_tenant.hpp"
#include "engine/run/organization.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/situation.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
Task<std::vector<Result<ExportedTenant>>> export_tenants(
    Context& context, std::vector<ExportRequest> requests, std::size_t parallelism,
    std::function<void(std::size_t)> const& ended) {
  std::size_t count = 0;
  std::vector<Result<ExportedTenant>> results(requests.size(), Error(Errc::cancelled, "stopped"));
  auto const export_one = [&](std::size_t index) -> asio::awaitable<void> {
    if (context.stop.requested()) co_return;
    auto tenant = co_await export_tenant(context, requests[index]);
    results[index] = std::move(tenant);
    ++count;
    if (ended) ended(count);
  };
  SideBySide const crew{.tenants = parallelism};
  co_await side_by_side(context.clock, crew, requests.size(), export_one);
  co_return results;
}

Task<std::vector<ExportRequest>> whole_organization(Context& context, std::string blueprint) {
  OrganizationView organization(context);
  if (!organization.configured()) {
    co_return Error(Errc::invalid, "the tenants are not known: there is no organization client",
                    "configure `organization`, or export one tenant: --region R --hostname H");
  }
  auto listed = co_await organization.tenants();
  if (!listed) co_return listed.error();
  std::ranges::sort(*listed, {}, [](auto const& each) { return std::pair(each.name, each.id); });
  std::vector<ExportRequest> out;
  std::set<std::string> taken;
  for (auto const& listing : *listed) {
    if (listing.status != "active" || listing.hostnames.empty()) continue;
    out.push_back({.key = make_key(listing.name, taken),
                   .region = listing.region,
                   .hostname = listing.hostnames.front(),
                   .blueprint = blueprint});
  }
  co_return out;
}

Task<std::string> export_package(Context& context, Address address) {
  auto const* type = context.provider.find(address.section);
  if (type == nullptr) {
    co_return Error(Errc::invalid, fmt::format("{} has no package", address.text()),
                    "name a resource such as acme/diProjects/sales");
  }
  auto state = co_await context.store.load(address.tenant);
  if (!state) co_return state.error();
  auto const* row = state->find(address);
  auto const* tenant = state->find({address.tenant, {}, {}});
  if (row == nullptr || tenant == nullptr) {
    co_return Error(Errc::not_found, fmt::format("{} is not in the state", address.text()),
                    "tenantry state list shows what is there");
  }
  std::optional<config::Tenant> declared;
  if (declared_tenant(context.configuration, address.tenant) != nullptr) {
    declared = context.configuration.expand(address.tenant);
  }
  auto session = tenant_session(context, declared ? &*declared : nullptr,
                                text_at(tenant->extra, "region"), hostname_of(*tenant));
  if (!session) co_return session.error();
  co_return co_await type->export_package(**session, row->id);
}

}  // namespace tenantry::run
