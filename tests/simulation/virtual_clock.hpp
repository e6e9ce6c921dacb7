// Time that passes only when nothing else is left to do.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "engine/core/clock.hpp"

namespace tenantry::simulation {

/// The clock of a whole simulated world: of the process and of the cloud. Sleepers wake in the
/// order of (time, who slept first), so that a run is the same each time.
class VirtualClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override { return now_; }
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds wait) override;

  /// Goes to the time of the next sleeper and wakes it. False where nobody sleeps.
  bool wake_next();
  void advance(std::chrono::nanoseconds by) { now_ += by; }
  /// Since the beginning of the world.
  std::chrono::nanoseconds elapsed() const { return now_.time_since_epoch(); }

 private:
  using Turn = std::pair<SteadyTime, std::uint64_t>;

  SteadyTime now_{};
  std::uint64_t next_ = 0;
  std::map<Turn, boost::asio::steady_timer*> sleepers_;
};

/// What a runner takes for the time: its clock is ahead or behind, and goes as fast as it should.
class RunnerClock final : public Clock {
 public:
  /// `world` must outlive the clock.
  RunnerClock(VirtualClock& world, std::chrono::seconds ahead) : world_(world), ahead_(ahead) {}
  WallTime wall() const override { return world_.wall() + ahead_; }
  SteadyTime steady() const override { return world_.steady(); }
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds wait) override {
    return world_.sleep(wait);
  }

 private:
  VirtualClock& world_;
  std::chrono::seconds ahead_;
};

}  // namespace tenantry::simulation
