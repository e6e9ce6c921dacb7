// Tenants whose changes are the same, but for what is a tenant's own. Internal to this layer.
#pragma once
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// Tenants that are shown as one.
struct TenantGroup {
  std::vector<TenantPlan const*> tenants;  ///< in the plan's order
  /// What all of them would do, without no-ops. Where there are several, the tenant's key and host
  /// name inside of texts are written as placeholders, and what differs without making another
  /// change (who touched the object, YAML place) is left out.
  std::vector<Change> changes;
};

/// Groups of at least `groups_of` equal tenants, and tenants alone; single ones first, then groups
/// from small to large, else in the plan's order. Only tenants with something to show.
std::vector<TenantGroup> group_tenants(Plan const& plan, std::size_t groups_of);

}  // namespace tenantry::plans
