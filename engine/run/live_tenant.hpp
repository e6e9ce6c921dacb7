// What is live in one tenant, as list calls tell it.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run/context.hpp"
#include "providers/api/provider.hpp"

namespace tenantry::run {

struct LiveTenant {
  std::optional<TenantObject> self;
  std::map<std::string, std::vector<RemoteObject>> lists;  ///< by section, built-in ones included

  /// The object with `id`; nullptr where the list does not hold it or was not made.
  RemoteObject const* find(std::string_view section, RemoteId const& id) const;
  bool listed(std::string const& section) const { return lists.contains(section); }
};

/// Signed in to `hostname` with the tenant's own credential where it declares one (not on the
/// embedded emulator), else with its region's. `declared` may be null.
/// Errors: invalid when a variable of its own credential is missing.
Result<Session*> tenant_session(Context& context, config::Tenant const* declared,
                                std::string const& region, std::string const& hostname);

/// Reads the tenant itself (by `id` where it is known) and lists each of `sections` once, side by
/// side. The first failure is the result's error.
Task<LiveTenant> refresh(Context& context, Session& session, RemoteId id,
                         std::set<std::string> sections);

/// Adds what `state` owns and a list does not show: it may be missing there only because the list
/// lags, so it is asked for by its id. That is so for old rows as well: who wrote one tells its age
/// by a clock that may be wrong.
Task<void> add_unlisted(Context& context, Session& session, LiveTenant& live,
                        state::TenantState const& state);

/// Completes the listed objects that a plan is about (owned, or of the natural key of a declared
/// one) where only a call of their own tells everything.
Task<void> add_details(Context& context, Session& session, LiveTenant& live,
                       std::vector<DesiredResource> const& desired,
                       state::TenantState const& state);

/// One object with all that is to be known of it. Errors: not_found.
Task<RemoteObject> read_whole(ResourceType const& type, Session& session, RemoteId id);

}  // namespace tenantry::run
