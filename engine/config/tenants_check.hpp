// Every tenant, read and expanded once.
#pragma once
#include <cstddef>

#include "engine/config/load_progress.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Expands the tenants of the model and the rows of its fleets, one after the other, and reports
/// what is wrong with them and between them. Fills the index and the former keys. Gives the number
/// of their resources. `progress` may be empty.
std::size_t check_tenants(Model& model, Reporter& reporter, LoadProgress const& progress);

}  // namespace tenantry::config
