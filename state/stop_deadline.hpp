// When a program that is to end stops waiting for a server.
#pragma once
#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>

namespace tenantry::state {

/// Set once, by whoever ends the program; asked and waited on by any thread.
class StopDeadline {
 public:
  StopDeadline();
  StopDeadline(StopDeadline const&) = delete;
  StopDeadline& operator=(StopDeadline const&) = delete;
  ~StopDeadline();

  /// Waits that are under way end at that time, too. Only the first call counts.
  void set(std::chrono::milliseconds from_now);
  bool is_over() const;
  /// `limit`, or what is left until the deadline where that is less.
  std::chrono::milliseconds at_most(std::chrono::milliseconds limit) const;

  /// As ::poll of at most two: until one of `wanted` has news, or at_most(limit) is over, also
  /// where the deadline is set meanwhile.
  int poll(std::span<pollfd> wanted, std::chrono::milliseconds limit) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  Time at() const;

  std::atomic<Time::rep> at_;
  int changed_ = -1;  ///< eventfd: readable once the deadline is set
};

}  // namespace tenantry::state
