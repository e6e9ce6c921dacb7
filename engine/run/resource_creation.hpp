// Creating an object: never twice, and never without its secret.
#pragma once
#include <vector>

#include "engine/run/resource_change.hpp"

namespace tenantry::run {

/// Makes the object within `operation`, whose intent is durable, and stores its row. A create that
/// may have been done is looked up, never repeated. `removals`: rows that go in the same
/// transaction (the old object of a replace).
Task<Ending> create_object(ResourceChange& work, std::int64_t operation,
                           std::vector<Address> removals);

}  // namespace tenantry::run
