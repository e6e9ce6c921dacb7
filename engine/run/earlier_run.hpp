// A saved plan that is carried out again: what an earlier run of it has done already.
#pragma once
#include <optional>
#include <set>

#include "engine/run/applier.hpp"

namespace tenantry::run {

/// Changes of `plan` that are done already, where the state of the tenant moved on for no other
/// reason: every operation since the first one of this plan (options.plan_digest) is of this plan,
/// or the very configuration that the plan was made from is applied as a whole. Nothing where
/// something else happened to the tenant, or where only a part of a change is done. `state` is of
/// the tenant's present key; it has no open operation. Errors: those of the state.
Task<std::optional<std::set<Address>>> done_earlier(Context& context, ApplyOptions const& options,
                                                    plans::TenantPlan const& plan,
                                                    state::TenantState state);

}  // namespace tenantry::run
