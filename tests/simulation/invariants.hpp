// What must hold once a configuration is applied, whatever went wrong on the way.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/run/applier.hpp"
#include "tests/simulation/installation.hpp"

namespace tenantry::simulation {

/// What is wrong, in words; empty when all is well. `let_go`: "section/name" of what is nobody's.
std::vector<std::string> broken_invariants(Installation& installation,
                                           config::Configuration const& configuration,
                                           std::set<std::string> const& let_go);

/// What is wrong with how a plan was carried out in waves: that a wave was entered although too
/// many tenants had failed in one before it, or that a tenant began without its wave.
std::vector<std::string> broken_rollout(plans::Plan const& plan, run::ApplyReport const& report,
                                        std::vector<Address> const& done);

/// A snapshot without what differs from cloud to cloud: ids (names stand for them), times,
/// generated host names, order.
Value comparable(Value const& snapshot);

/// Where two comparable snapshots differ, in words; empty where they are the same.
std::string difference(Value const& wanted, Value const& got, std::string const& where = {});

}  // namespace tenantry::simulation
