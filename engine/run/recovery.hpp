// Settles what an earlier run left open: an intent without an outcome.
#pragma once
#include "engine/run/live_tenant.hpp"
#include "engine/run/organization.hpp"
#include "engine/run/references.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// Decides each open operation of `state` from what is live, writes the outcomes, and brings
/// `state` up to date. The tenant's lock must be held. `declared` may be null (no longer
/// configured). Errors: ambiguous where a person must decide, with the command that tells the
/// decision; those of reading what is live.
Task<void> recover(Context& context, OrganizationView& organization, config::Tenant const* declared,
                   state::TenantState& state);

/// The live object that an interrupted create of `intent` made: not owned, not there before the
/// call, with the same natural key. Nothing when there is none. Errors: ambiguous.
Result<RemoteObject const*> find_created(Schema const& schema, state::Intent const& intent,
                                         std::vector<RemoteObject> const& live,
                                         state::TenantState const& state,
                                         TenantReferences const& names);

/// The row of an object that an interrupted create made.
state::ResourceRecord record_of_created(Schema const& schema, state::Intent const& intent,
                                        RemoteObject const& object, TenantReferences const& names,
                                        std::string const& now);

}  // namespace tenantry::run
