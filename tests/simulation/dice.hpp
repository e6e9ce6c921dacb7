// Chance for the makers of scenarios and faults.
#pragma once
#include <chrono>
#include <vector>

#include "engine/core/random.hpp"

namespace tenantry::simulation {

/// One stream of a seed: streams of different names do not disturb each other.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream)
      : random_(seed * 0x9e3779b97f4a7c15 + stream * 0xbf58476d1ce4e5b9 + 1) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool chance(std::uint64_t per_mille) { return below(1000) < per_mille; }
  template <class T>
  T const& pick(std::vector<T> const& from) {
    return from[below(from.size())];
  }
  std::chrono::microseconds time_between(std::chrono::microseconds low,
                                         std::chrono::microseconds high) {
    return std::chrono::microseconds(
        between(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count())));
  }
  Random& random() { return random_; }

 private:
  SeededRandom random_;
};

}  // namespace tenantry::simulation
