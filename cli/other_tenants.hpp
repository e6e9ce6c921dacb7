// Addresses that mean tenants which --wave or the shard leave out.
#pragma once
#include <vector>

#include "engine/core/diagnostic.hpp"
#include "engine/run/planner.hpp"

namespace tenantry::cli {

/// Errors: not_found where an address of --target, --replace or --rotate means declared tenants,
/// but none of the waves that are asked for.
Result<void> check_waves(config::Configuration const& configuration,
                         run::PlanOptions const& options);

/// A warning for each address that means declared tenants, but none of this shard. That is no
/// error: all runners of a run may have the same flags.
std::vector<Diagnostic> of_other_shards(config::Configuration const& configuration,
                                        run::PlanOptions const& options);

}  // namespace tenantry::cli
