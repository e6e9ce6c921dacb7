// The registry of Qlik Cloud's kinds.
#pragma once
#include <string_view>

#include "providers/api/provider.hpp"

namespace tenantry {

/// Everything that can be declared for a Qlik Cloud tenant.
Provider const& qlik_provider();

/// The day of the documents of Qlik's API that the kinds are written by, "2026-07-24".
std::string_view qlik_api_contract();

}  // namespace tenantry
