// How both backends forget old history.
#pragma once
#include <cstdint>
#include <string>

#include "engine/core/clock.hpp"

namespace tenantry::state {

/// Oldest operations that one run looks at and may forget: what that costs stays bounded.
inline constexpr std::int64_t kForgottenAtOnce = 20'000;

/// Runs that began before this time have no operation that ended after `time`: a run may last, but
/// not for a day. Errors: invalid for what is no time.
inline Result<std::string> older_runs(std::string const& time) {
  auto const at = parse_time(time);
  if (!at) return at.error();
  return format_time(*at - std::chrono::days(1));
}

}  // namespace tenantry::state
