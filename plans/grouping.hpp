// Tenants whose changes are the same, but for what is a tenant's own. Internal to this layer.
#pragma once
#include <string>
#include <string_view>
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

/// What `tenant` would do, without no-ops, with its key and host name inside of texts written as
/// placeholders.
std::vector<Change> generic_changes(TenantPlan const& tenant);
/// `text` in the same way.
std::string generic_text(TenantPlan const& tenant, std::string_view text);
/// Equal for tenants that are shown as one. `changes` are generic.
std::string shape_of(TenantPlan const& tenant, std::vector<Change> const& changes);

/// Groups of at least `groups_of` equal tenants, and tenants alone; single ones first, then groups
/// from small to large, else in the plan's order. Only tenants with something to show.
std::vector<TenantGroup> group_tenants(Plan const& plan, std::size_t groups_of);

}  // namespace tenantry::plans
