// A clock that moves only when told to, or when somebody sleeps.
#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "engine/core/clock.hpp"

namespace tenantry::test {

class FakeClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds wait) override {
    slept.push_back(wait);
    advance(wait);
    auto const executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
  void advance(std::chrono::nanoseconds by) {
    if (by < std::chrono::nanoseconds::zero()) return;
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
    steady_ += std::chrono::duration_cast<SteadyTime::duration>(by);
  }

  std::vector<std::chrono::nanoseconds> slept;

 private:
  WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  SteadyTime steady_{};
};

}  // namespace tenantry::test
