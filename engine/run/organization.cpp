#include "engine/run/organization.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "engine/core/text.hpp"

namespace tenantry::run {
namespace {

constexpr std::chrono::seconds kRecent{5};

}  // namespace

boost::asio::awaitable<Semaphore::Permit> OrganizationView::turn() {
  auto const executor = co_await boost::asio::this_coro::executor;
  if (!turns_) turns_.emplace(executor, 1);
  co_return co_await turns_->acquire();
}

Task<std::vector<TenantListing>> OrganizationView::tenants() {
  if (!configured()) co_return std::vector<TenantListing>();
  if (listed_) co_return *listed_;
  auto const permit = co_await turn();
  if (listed_) co_return *listed_;
  // Those who waited for it: it would hardly go better, and each would wait for it anew.
  if (failure_ && context_.clock.steady() - failed_at_ < kRecent) co_return *failure_;
  co_return co_await fresh_tenants();
}

Task<std::vector<TenantListing>> OrganizationView::recent_tenants() {
  auto const recent = [this] { return listed_ && context_.clock.steady() - listed_at_ < kRecent; };
  if (recent()) co_return *listed_;
  auto const permit = co_await turn();
  if (recent()) co_return *listed_;
  co_return co_await fresh_tenants();
}

Task<std::vector<TenantListing>> OrganizationView::fresh_tenants() {
  auto* session = context_.platform.organization();
  if (session == nullptr) co_return std::vector<TenantListing>();
  auto const& organization = context_.configuration.organization();
  std::string subscription = organization ? organization->subscription_id : std::string();
  auto listed = co_await context_.provider.tenant().list(*session, std::move(subscription));
  if (!listed) {
    failure_ = listed.error();
    failed_at_ = context_.clock.steady();
    co_return listed.error();
  }
  failure_.reset();
  listed_ = *listed;
  listed_at_ = context_.clock.steady();
  ++listings_;
  owned_.reset();
  co_return std::move(*listed);
}

std::optional<WallTime> OrganizationView::server_time() const {
  auto const* session = context_.platform.organization();
  return session != nullptr ? session->server_time() : std::nullopt;
}

Task<std::set<RemoteId>> OrganizationView::owned() {
  if (owned_) co_return with_claimed(*owned_);
  auto const permit = co_await turn();
  if (owned_) co_return with_claimed(*owned_);
  auto const listings = listings_;
  auto ids = co_await read_owned();
  if (!ids) co_return ids.error();
  // What was read while a list came in may be older than the list.
  if (listings == listings_) owned_ = *ids;
  co_return with_claimed(std::move(*ids));
}

std::set<RemoteId> OrganizationView::with_claimed(std::set<RemoteId> ids) const {
  ids.insert(claimed_.begin(), claimed_.end());
  return ids;
}

Task<std::set<RemoteId>> OrganizationView::read_owned() {
  auto keys = co_await context_.store.tenants();
  if (!keys) co_return keys.error();
  std::set<RemoteId> ids;
  for (auto const& key : *keys) {
    auto state = co_await context_.store.load(key);
    if (!state) co_return state.error();
    auto const* row = state->find(Address{key, {}, {}});
    if (row != nullptr) ids.insert(row->id);
  }
  co_return ids;
}

namespace {

/// The tenant that answers at the alias, if any. Only "there is no such host" means free: any other
/// failure stops the tenant, since creating it could make a second one.
Task<std::optional<ExistingTenant>> try_alias(Context& context, config::Tenant const& tenant,
                                              std::set<RemoteId> const& owned) {
  auto const& summary = tenant.summary;
  if (summary.alias.empty()) co_return std::nullopt;
  auto const host = fmt::format("{}.{}.qlikcloud.com", lower(summary.alias), summary.region);
  auto& session = context.platform.tenant(summary.region, host);
  auto read = co_await context.provider.tenant().read(session, RemoteId());
  if (!read) {
    auto const& error = read.error();
    bool const free = error.code == Errc::not_found || error.code == Errc::unknown_host;
    // Behind a proxy nobody learns that a name does not exist; the organization's list knows.
    bool const list_tells =
        error.code == Errc::connection && context.platform.organization() != nullptr;
    if (free || list_tells) co_return std::nullopt;
    if (error.code != Errc::tenant_disabled) co_return error;
    co_return ExistingTenant{
        {}, host, fmt::format("a deactivated tenant holds the alias {}", host)};
  }
  if (owned.contains(read->id)) co_return std::nullopt;
  co_return ExistingTenant{read->id, read->hostname, fmt::format("{} answers", host)};
}

bool holds_alias(TenantListing const& listing, std::string const& host) {
  return std::ranges::any_of(listing.hostnames, [&](auto const& h) { return lower(h) == host; });
}

}  // namespace

Task<std::optional<ExistingTenant>> find_existing(Context& context, OrganizationView& organization,
                                                  config::Tenant const& tenant) {
  // Without a client an empty list.
  auto listed = co_await organization.tenants();
  if (!listed) co_return listed.error();
  auto owned = co_await organization.owned();
  if (!owned) co_return owned.error();
  auto found = co_await try_alias(context, tenant, *owned);
  if (!found || *found) co_return found;
  auto const& summary = tenant.summary;
  auto const alias = fmt::format("{}.{}.qlikcloud.com", lower(summary.alias), summary.region);
  auto const name = text_at(tenant.self.attributes, "name");
  for (auto const& listing : *listed) {
    if (owned->contains(listing.id) || listing.status == "deleted" || listing.hostnames.empty()) {
      continue;
    }
    bool const by_alias = !summary.alias.empty() && holds_alias(listing, alias);
    bool const by_name = !name.empty() && listing.name == name && listing.region == summary.region;
    if (!by_alias && !by_name) continue;
    co_return ExistingTenant{
        listing.id, listing.hostnames.front(),
        fmt::format("the organization has a {} tenant {} \"{}\"", listing.status,
                    listing.hostnames.front(), visible(listing.name))};
  }
  co_return std::nullopt;
}

}  // namespace tenantry::run
