// When a simulated process ends: at the n-th step that can be told apart from outside.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "tests/simulation/trace.hpp"

namespace tenantry::simulation {

/// Every seam (store, transport, sinks) passes its steps here. After the end of the process all
/// seams are dead: nothing durable and nothing in the cloud changes any more. What is left of its
/// coroutines is let run against them, since that is how they come to their ends.
class Lifeline {
 public:
  enum class End { none, killed, interrupted };

  /// `trace` must outlive the lifeline.
  explicit Lifeline(Trace& trace) : trace_(trace) {}

  /// The process is killed, or interrupted as by Ctrl-C, at the step after `steps` others.
  void end_after(End how, std::uint64_t steps) {
    planned_ = how;
    left_ = steps;
  }
  /// Called once, at the end.
  void on_end(std::function<void(End)> tell) { tell_ = std::move(tell); }

  /// Passes a step. True where the process is dead.
  bool step(std::string_view what);
  bool dead() const { return ended_ == End::killed; }
  End ended() const { return ended_; }

 private:
  Trace& trace_;
  End planned_ = End::none;
  End ended_ = End::none;
  std::uint64_t left_ = 0;
  std::function<void(End)> tell_;
};

}  // namespace tenantry::simulation
