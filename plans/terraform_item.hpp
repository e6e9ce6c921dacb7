// One change in the lists of Terraform's plan representation. Internal to this layer.
#pragma once
#include <string>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// Levels of indentation of what is in the lists.
inline constexpr std::size_t kChangeDepth = 2;
inline constexpr std::size_t kPlannedDepth = 4;

/// An element of resource_changes.
Value resource_change(Change const& change);
/// An element of resource_drift: what moved outside of us; null where nothing did.
Value resource_drift(Change const& change);

/// Of resource_changes: indented JSON.
std::string change_item(Change const& change);
/// Of planned_values; empty where nothing is left.
std::string planned_item(Change const& change);

}  // namespace tenantry::plans
