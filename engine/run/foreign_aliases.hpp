// Aliases that a planned tenant takes from one that this run does not look at.
#pragma once
#include "engine/run/context.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// An alias is given away first and taken afterwards. Where the tenant that holds it, as the state
/// knows, is of another shard or left out by --target or --exclude, nobody here can wait for it:
/// the taker gets an error that names it. Errors: those of the state and of
/// the plan's tenants.
Task<void> refuse_foreign_aliases(Context& context, plans::Plan& plan);

}  // namespace tenantry::run
