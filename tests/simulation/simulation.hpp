// One seed, from its first tenant to its last configuration.
#pragma once
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/simulation/simulated_store.hpp"

namespace tenantry::simulation {

struct SimulationOptions {
  std::filesystem::path folder;  ///< for the configuration's files; must exist
  std::FILE* trace_to = nullptr;
  std::FILE* trace_calm_to = nullptr;  ///< of the cloud in which nothing goes wrong
  Plant plant = Plant::none;
};

struct Verdict {
  std::string failure;  ///< empty: every invariant held
  std::uint64_t trace_digest = 0;
  std::uint64_t processes = 0;
  std::uint64_t killed = 0;
  std::uint64_t calls = 0;
  std::chrono::nanoseconds virtual_time{};
};

/// The same verdict for the same seed.
Verdict simulate(std::uint64_t seed, SimulationOptions const& options);

}  // namespace tenantry::simulation
