// What happened in a simulated world, in order: the text to read, and a digest to compare.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "tests/simulation/virtual_clock.hpp"

namespace tenantry::simulation {

class Trace {
 public:
  /// `out` null: only the digest is kept. `clock` must outlive the trace.
  Trace(VirtualClock const& clock, std::FILE* out) : clock_(clock), out_(out) {}

  void add(std::string_view event);
  std::uint64_t digest() const { return digest_; }

 private:
  VirtualClock const& clock_;
  std::FILE* out_;
  std::uint64_t digest_ = 0xcbf29ce484222325;
};

}  // namespace tenantry::simulation
