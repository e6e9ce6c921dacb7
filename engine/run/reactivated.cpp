#include "engine/run/reactivated.hpp"

#include "engine/run/tenant_planner.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;

Task<plans::TenantPlan> plan_reactivated(Context& context, PlanOptions options,
                                         OrganizationView& organization,
                                         plans::TenantPlan const& approved) {
  options.locks = nullptr;  // it is held
  options.changed_only = false;
  auto planned = co_await plan_tenant(context, options, organization, approved.key);
  if (planned.error) co_return *planned.error;
  co_return planned;
}

bool is_within(Change const& approved, Change const& now) {
  if (now.destructive && !approved.destructive) return false;
  switch (now.action) {
    case Action::create:
    case Action::update:
    case Action::adopt:
      return approved.action == Action::create || approved.action == Action::update ||
             approved.action == Action::adopt || approved.action == Action::replace;
    default:
      return approved.action == now.action;
  }
}

}  // namespace tenantry::run
