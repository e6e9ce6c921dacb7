// The plan of a tenant that is to go, or that is going.
#pragma once
#include <vector>

#include "engine/run/situation.hpp"

namespace tenantry::run {

struct OffboardingInput {
  Context& context;
  PlanOptions const& options;
  config::Tenant const* declared;  ///< null: no longer in the configuration
  state::TenantState const& state;
  plans::Change change;  ///< of the tenant, without an action
};

struct OffboardingPlan {
  std::optional<plans::Change> change;
  std::vector<Diagnostic> warnings;
  int register_writes = 0;
};

/// Deactivates, restarts the countdown of a tenant that is held, or forgets one that is gone. Needs
/// nothing of what is live: no call is made for it.
OffboardingPlan plan_offboarding(OffboardingInput input);

}  // namespace tenantry::run
