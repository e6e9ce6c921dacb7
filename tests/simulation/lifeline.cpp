#include "tests/simulation/lifeline.hpp"

#include <fmt/format.h>

namespace tenantry::simulation {

bool Lifeline::step(std::string_view what) {
  if (planned_ == End::none || ended_ != End::none) return dead();
  if (left_-- > 0) return false;
  ended_ = planned_;
  trace_.add(fmt::format("{} {}", ended_ == End::killed ? "KILLED" : "INTERRUPTED", what));
  if (tell_) tell_(ended_);
  return dead();
}

}  // namespace tenantry::simulation
