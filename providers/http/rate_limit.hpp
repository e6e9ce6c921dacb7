// Keeps our own requests within the server's limits, so that 429 stays the exception.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/task.hpp"

namespace tenantry::http {

/// At most `requests_max` in any `window`, bursts first.
struct RateWindow {
  int requests_max = 0;
  std::chrono::seconds window{300};
};

/// Sliding windows by name; a name is a host and a tier ("acme.eu.qlikcloud.com tier 2"). A window
/// is kept one percent longer than said: the server counts arrivals, and the time from a start to
/// an arrival varies. Calls on the one I/O thread.
class RateLimiter {
 public:
  /// `clock` must outlive the limiter, and the limiter its waiters.
  explicit RateLimiter(Clock& clock) : clock_(clock) {}

  /// Waits until one more request fits the window of `name`, and counts it. First come, first
  /// served: the place is reserved at once. Errors: cancelled, within a quarter of a second after
  /// stop().
  Task<void> take(std::string name, RateWindow window);
  /// No request of `name` starts before `wait` has passed: the answer to a 429. Moves all that
  /// wait.
  void pause(std::string const& name, std::chrono::nanoseconds wait);
  /// Ends every take, now and from now on, with Errc::cancelled.
  void stop() { stopped_ = true; }
  /// How long until `count` more requests of `name` would have started, counted from now. For the
  /// cost line of a plan.
  std::chrono::nanoseconds time_for(std::string const& name, RateWindow window, int count) const;

 private:
  /// Starts inside the window, reserved ones included, in order. The request with the ticket
  /// `first + i` starts at `starts[i]`.
  struct Bucket {
    std::deque<SteadyTime> starts;
    std::uint64_t first = 0;
    SteadyTime blocked_until = SteadyTime::min();
    RateWindow window;
  };
  static SteadyTime next_start(Bucket const& bucket, std::size_t index, RateWindow window,
                               SteadyTime earliest);
  static void forget_old(Bucket& bucket, SteadyTime now);

  Clock& clock_;
  std::map<std::string, Bucket> buckets_;
  bool stopped_ = false;
};

}  // namespace tenantry::http
