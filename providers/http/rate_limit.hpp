// Keeps our own requests within the server's limits, so that 429 stays the exception.
#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/task.hpp"

namespace tenantry::http {

/// At most `requests_max` in any `window`, bursts first.
struct RateWindow {
  int requests_max = 0;
  std::chrono::seconds window{300};
};

/// Sliding windows by name; a name is a host and a tier ("acme.eu.qlikcloud.com tier 2").
class RateLimiter {
 public:
  /// `clock` must outlive the limiter.
  explicit RateLimiter(Clock& clock) : clock_(clock) {}

  /// Waits until one more request fits the window of `name`, and counts it. First come, first
  /// served. Errors: cancelled.
  Task<void> take(std::string name, RateWindow window);
  /// No request of `name` starts before `wait` has passed: the answer to a 429.
  void pause(std::string const& name, std::chrono::nanoseconds wait);
  /// How long `count` more requests of `name` would take from now. For the cost line of a plan.
  std::chrono::nanoseconds time_for(std::string const& name, RateWindow window, int count) const;

 private:
  struct Bucket {
    std::deque<SteadyTime> starts;  // of the requests inside the window, reserved ones included
    SteadyTime blocked_until{};
  };
  Clock& clock_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace tenantry::http
