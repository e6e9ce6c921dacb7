// policy.max*: worked out against the whole fleet, and shared by the runs of a group.
#pragma once
#include <functional>
#include <set>
#include <string>

#include "engine/run/context.hpp"
#include "plans/guards.hpp"

namespace tenantry::run {

/// The limits of the policy for this plan. A share is of the whole fleet, also where the plan is of
/// a part of it. Errors: those of the state.
Task<plans::GuardLimits> limits_of(Context& context, plans::Plan const& plan);

/// To be called before a plan of a run in `group` is carried out: writes down what it would create,
/// delete and deactivate, and stops it where all runs of the group together exceed a limit. A run
/// that is repeated counts once. `acknowledged` are digests of changes that are let through.
/// Without a group nothing is done: make_plan has counted already. Tells `stopped` the changes of
/// the plan that are stopped by it. Errors: those of the state and of the plan's tenants.
Task<void> reserve_limits(Context& context, plans::Plan& plan, std::string group,
                          std::set<std::string> acknowledged,
                          std::function<void(plans::Change const&)> stopped);

/// What reserve_limits would say now, without writing anything down: stops in the plan what the
/// runs of `group` before this one leave no room for. Errors: as of reserve_limits.
Task<void> foresee_limits(Context& context, plans::Plan& plan, plans::GuardLimits limits,
                          std::string group, std::set<std::string> acknowledged);

}  // namespace tenantry::run
