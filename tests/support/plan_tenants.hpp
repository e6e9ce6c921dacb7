// Tenants of a plan with their changes: a plan itself keeps summaries.
#pragma once
#include <doctest/doctest.h>

#include <vector>

#include "plans/plan.hpp"

namespace tenantry::test {

inline plans::TenantPlan tenant_at(plans::Plan const& plan, std::size_t index) {
  auto tenant = plan.tenants.read(index);
  REQUIRE(tenant.has_value());
  return std::move(*tenant);
}

inline plans::Change change_at(plans::Plan const& plan, std::size_t tenant,
                               std::size_t change = 0) {
  return tenant_at(plan, tenant).changes.at(change);
}

inline std::vector<plans::TenantPlan> tenants_of(plans::Plan const& plan) {
  std::vector<plans::TenantPlan> tenants;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) tenants.push_back(tenant_at(plan, i));
  return tenants;
}

inline plans::TenantPlans packed(std::vector<plans::TenantPlan> const& tenants) {
  plans::TenantPlans out;
  for (auto const& tenant : tenants) REQUIRE(out.add(tenant).has_value());
  return out;
}

template <class Edit>
void edit_tenant(plans::Plan& plan, std::size_t index, Edit edit) {
  REQUIRE(plan.tenants.edit(index, edit).has_value());
}

template <class Edit>
void edit_change(plans::Plan& plan, std::size_t tenant, Edit edit) {
  edit_tenant(plan, tenant, [&](plans::TenantPlan& plans) { edit(plans.changes.at(0)); });
}

}  // namespace tenantry::test
