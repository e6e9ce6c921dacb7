// One cloud and all that processes leave behind: what a scenario is carried out in.
#pragma once
#include <cstdio>

#include "tests/simulation/cloud.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/simulated_disk.hpp"
#include "tests/simulation/trace.hpp"

namespace tenantry::simulation {

struct Installation {
  Installation(std::uint64_t seed, std::FILE* trace_to)
      : trace(clock, trace_to), dice(seed, 2), cloud(seed, clock), disk(clock, dice.random()) {}
  Installation(Installation const&) = delete;

  VirtualClock clock;
  Trace trace;
  Dice dice;  ///< of time and faults
  Cloud cloud;
  SimulatedDisk disk;
  Vault vault;
  std::uint64_t processes = 0;
};

}  // namespace tenantry::simulation
