// Whether a declared tenant is to be created, taken over, worked on or reactivated.
#pragma once
#include "engine/run/organization.hpp"
#include "engine/run/planner.hpp"

namespace tenantry::run {

/// What is known of the tenant when the plan is made; decides what is done to it.
enum class Situation {
  missing,   ///< not in state, nothing live found: created
  found,     ///< not in state, live: adopted
  active,    ///< in state, answering
  disabled,  ///< in state, deactivated
};

struct FoundSituation {
  Situation situation = Situation::missing;
  RemoteId id;           ///< where it is known
  std::string hostname;  ///< one that answers; empty for a tenant that is to be created
  bool purged = false;   ///< state holds a tenant that is gone for good: the key starts anew
};

/// Decides from state, configuration and, for a tenant that state does not know, from what is live:
/// never a second tenant, so what answers under the alias or bears the name is adopted or stops the
/// plan. Errors: conflict with what exists; invalid where it cannot be created.
Task<FoundSituation> find_situation(Context& context, PlanOptions const& options,
                                    OrganizationView& organization, config::Tenant const& declared,
                                    state::TenantState const& state);

/// What a tenant's host name in state is: `extra` of its own row.
std::string hostname_of(state::ResourceRecord const& row);
/// True for a tenant that was deactivated by us or is known to be.
bool is_disabled(state::ResourceRecord const& row);
/// True when the purge date of a deactivated tenant lies before `now`.
bool purge_date_passed(state::ResourceRecord const& row, WallTime now);

}  // namespace tenantry::run
