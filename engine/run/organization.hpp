// The organization's tenant list, and what it says about tenants that state does not know.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/concurrency.hpp"
#include "engine/run/context.hpp"

namespace tenantry::run {

/// The list of all tenants, fetched once at its first use, and the tenants that the state owns.
/// However many tenants ask at once, one listing and one reading of the state answer them.
class OrganizationView {
 public:
  /// `context` must outlive the view.
  explicit OrganizationView(Context& context) : context_(context) {}

  bool configured() const { return context_.platform.organization() != nullptr; }
  /// All tenants; empty without an organization client.
  Task<std::vector<TenantListing>> tenants();
  /// As tenants(), at most a few seconds old: many tenants created side by side share one listing.
  Task<std::vector<TenantListing>> recent_tenants();
  /// As tenants(), asked anew.
  Task<std::vector<TenantListing>> fresh_tenants();
  /// Ids of the tenants that any row of the state owns, and those claimed in this run. Read after
  /// the last listing: what another runner made and stored before it is never taken for a stray.
  Task<std::set<RemoteId>> owned();
  /// What the console's clock shows now; nothing before a listing.
  std::optional<WallTime> server_time() const;
  /// Notes that `id` belongs to a tenant of the state from now on. False where it was claimed
  /// before.
  bool claim(RemoteId id) { return claimed_.insert(std::move(id)).second; }

 private:
  boost::asio::awaitable<Semaphore::Permit> turn();
  Task<std::set<RemoteId>> read_owned();
  std::set<RemoteId> with_claimed(std::set<RemoteId> ids) const;

  Context& context_;
  std::optional<std::vector<TenantListing>> listed_;
  SteadyTime listed_at_{};
  std::optional<Error> failure_;  ///< of the last listing
  SteadyTime failed_at_{};
  std::optional<Semaphore> turns_;
  std::size_t listings_ = 0;
  std::optional<std::set<RemoteId>> owned_;  ///< none before the first use, and after a listing
  std::set<RemoteId> claimed_;
};

/// A live tenant that a declared one would collide with.
struct ExistingTenant {
  RemoteId id;           ///< empty where only its host name answered
  std::string hostname;  ///< one that answers
  std::string found_by;  ///< "its alias acme.eu.qlikcloud.com answers", for the message
};

/// Looks for a tenant that is live already before one is created: its alias is tried, and the
/// organization's list searched for alias and display name. Tenants that the state owns do not
/// count.
Task<std::optional<ExistingTenant>> find_existing(Context& context, OrganizationView& organization,
                                                  config::Tenant const& tenant);

}  // namespace tenantry::run
