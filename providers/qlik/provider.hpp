// The registry of Qlik Cloud's kinds.
#pragma once
#include "providers/api/provider.hpp"

namespace tenantry {

/// Everything that can be declared for a Qlik Cloud tenant.
Provider const& qlik_provider();

}  // namespace tenantry
