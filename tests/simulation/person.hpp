// Who answers what no program can know.
#pragma once
#include "tests/simulation/installation.hpp"

namespace tenantry::simulation {

/// Looks in the console which tenants interrupted creations made, and answers by `state resolve`.
/// Gives the number of answers.
int answer_open_creations(Installation& installation);

}  // namespace tenantry::simulation
