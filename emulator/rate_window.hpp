// The rate limit of one caller, one tier, on one host.
#pragma once
#include <chrono>
#include <deque>
#include <optional>

#include "engine/core/clock.hpp"

namespace tenantry::emulator {

/// At most `calls_max` calls in any `length`: a sliding window, so that bursts pass.
class RateWindow {
 public:
  /// Counts a call at `now`, or tells how long to wait when the window is full. A refused call does
  /// not count. `now` must not go back.
  std::optional<std::chrono::seconds> take(SteadyTime now, std::size_t calls_max,
                                           std::chrono::seconds length) {
    while (!calls_.empty() && now - calls_.front() >= length) calls_.pop_front();
    if (calls_.size() < calls_max) {
      calls_.push_back(now);
      return std::nullopt;
    }
    auto const wait = std::chrono::ceil<std::chrono::seconds>(calls_.front() + length - now);
    return std::max(wait, std::chrono::seconds(1));
  }

 private:
  std::deque<SteadyTime> calls_;
};

}  // namespace tenantry::emulator
