// What --adopt-only and --refresh-only leave of a tenant's changes.
#pragma once
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::run {

/// --adopt-only: only adoptions stay, and what is live enters the state as it is.
void keep_adoptions(std::vector<plans::Change>& changes);

/// --refresh-only: what moved outside stays, and no action.
void keep_drift(std::vector<plans::Change>& changes);

}  // namespace tenantry::run
