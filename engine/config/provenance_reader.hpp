// Goes through the layers of a tenant for what they say of a value.
#pragma once
#include <string>
#include <vector>

#include "engine/config/model.hpp"
#include "engine/config/provenance.hpp"

namespace tenantry::config {

/// See Provenance::trace.
Trace trace_of(Model const& model, TenantEntry const& entry, std::vector<std::string> const& path);

}  // namespace tenantry::config
