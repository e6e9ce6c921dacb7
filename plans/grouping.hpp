// Tenants whose changes are the same, but for what is a tenant's own. Internal to this layer.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// Tenants that are shown as one.
struct TenantGroup {
  std::vector<std::size_t> tenants;  ///< indexes in the plan, in its order
  /// The place of each change that is shown, unknown where it is not everybody's. Only where there
  /// are several tenants.
  std::vector<SourceRange> places = {};
};

/// What `tenant` would do, without no-ops, with its key and host name inside of texts written as
/// placeholders.
std::vector<Change> generic_changes(TenantPlan const& tenant);
/// `text` in the same way.
std::string generic_text(TenantPlan const& tenant, std::string_view text);
/// Equal for tenants that are shown as one; a part of a digest.
using Shape = std::array<char, 32>;
/// `changes` are generic.
Shape shape_of(TenantPlan const& tenant, std::vector<Change> const& changes);

/// Groups of at least `groups_of` equal tenants, and tenants alone; single ones first, then groups
/// from small to large, else in the plan's order. Only tenants with something to show. Errors:
/// those of reading the plan.
Result<std::vector<TenantGroup>> group_tenants(Plan const& plan, std::size_t groups_of);

/// What all tenants of a group would do, by one of them, without no-ops. The tenant's key and host
/// name inside of texts are written as placeholders, and what differs without making another change
/// (who touched the object, YAML place) is left out. `group` has several tenants.
std::vector<Change> common_changes(TenantPlan const& tenant, TenantGroup const& group);

}  // namespace tenantry::plans
