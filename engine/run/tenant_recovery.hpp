// What an intent about a tenant itself means when it has no outcome.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/run/organization.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// How an open operation is settled.
struct Decision {
  state::Outcome outcome;
  std::string what;  ///< for people: "was done: acme.eu.qlikcloud.com"
};

/// The outcome that leaves everything as it is.
state::Outcome dropped();

/// Decides `intent` about the tenant of `state` from what is live. `declared` may be null.
/// Errors: ambiguous where a person must decide; those of reading what is live.
Task<Decision> decide_tenant(Context& context, OrganizationView& organization,
                             config::Tenant const* declared, state::TenantState const& state,
                             state::Intent intent);

/// The tenant that an interrupted creation of `intent` made, from the organization's list: created
/// since, not owned, unnamed, of the same region and data centre, by the client of `registration`
/// or by who created the tenants that are owned. Any of several fits, since nobody has touched
/// them. Nothing when there is none. Errors: ambiguous when all that fit were created by others, or
/// are of several licences.
Result<std::optional<TenantListing>> find_created_tenant(state::Intent const& intent,
                                                         std::vector<TenantListing> const& listed,
                                                         std::set<RemoteId> const& owned,
                                                         Session const& registration);

/// Ids of objects that were there before the call of `intent`.
std::set<std::string> ids_before(state::Intent const& intent);

/// Waits until lists tell of what `intent` may have created: Policy::list_delay from now on, or
/// less where the intent is so old, by the server's clock where `server_time` gives it, that its
/// call ended long ago. True when it had to wait.
boost::asio::awaitable<bool> wait_for_lists(Context& context, state::Intent intent,
                                            std::optional<WallTime> server_time);

}  // namespace tenantry::run
