// Words for changes that every form of a plan shares. Internal to this layer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "plans/guards.hpp"
#include "plans/plan.hpp"

namespace tenantry::plans {

/// What may never be hidden behind "and 45 more": what destroys, and what a guard looked at.
bool is_grave(Change const& change);

/// "creation", "update": one change of the action.
std::string_view noun_of(Action action);

/// "2 updates", "3 changes" where they are of several kinds. `changes` must not be empty.
std::string counted_changes(std::vector<Change> const& changes);

/// The reason in words, or its detail where it has one. May hold text from outside.
std::string reason_of(Change const& change);
/// "update, the configuration changed": the action with its reason; the reason alone for a no-op.
/// May hold text from outside.
std::string why_of(Change const& change);

}  // namespace tenantry::plans
