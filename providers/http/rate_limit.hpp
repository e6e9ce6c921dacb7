// Keeps our own requests within the server's limits, so that 429 stays the exception.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
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

/// Sliding windows by name; a name is a host and a tier ("acme.eu.qlikcloud.com tier 2"). The
/// server counts a request when it arrives, which is somewhere between its start and the end of its
/// answer: until then it fills its place, and its time runs from then on. So no window that the
/// server looks at holds too many, however long an answer or a wait for a connection takes. Calls
/// on the one I/O thread.
class RateLimiter {
  struct Bucket;

 public:
  /// Leave for one request, from its start until its answer is there or given up: its life is
  /// what counts as under way.
  class Turn {
   public:
    Turn() = default;
    Turn(std::shared_ptr<Bucket> bucket, Clock& clock)
        : bucket_(std::move(bucket)), clock_(&clock) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&& other) noexcept;
    ~Turn() { end(); }

   private:
    void end();
    std::shared_ptr<Bucket> bucket_;
    Clock* clock_ = nullptr;
  };

  /// `clock` must outlive the limiter and the turns.
  explicit RateLimiter(Clock& clock) : clock_(clock) {}

  /// Waits until one more request fits the window of `name`. First come, first served. Errors:
  /// cancelled, within a quarter of a second after stop().
  Task<Turn> take(std::string name, RateWindow window);
  /// The answer to a 429: no request of `name` starts before `wait` has passed. Others use up a
  /// part of the window, and nobody knows which. So from then on requests are spread as evenly as
  /// the window allows, and gather speed step by step: a burst would run into the next 429.
  void pause(std::string const& name, std::chrono::nanoseconds wait);
  /// Ends every take, now and from now on, with Errc::cancelled.
  void stop();

 private:
  struct Waiter;
  std::shared_ptr<Bucket> bucket_of(std::string const& name);

  Clock& clock_;
  std::map<std::string, std::shared_ptr<Bucket>> buckets_;
  bool stopped_ = false;
};

}  // namespace tenantry::http
