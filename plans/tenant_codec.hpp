// A tenant's plan as bytes and back, for this process alone. Internal to this layer.
#pragma once
#include <string>
#include <string_view>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// All of it, what a saved plan leaves out too. The form is that of this build, and no file's.
std::string packed(TenantPlan const& tenant);
/// `bytes` must come from packed().
TenantPlan unpacked(std::string_view bytes);

}  // namespace tenantry::plans
