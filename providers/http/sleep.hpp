// Waits that a stop ends.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>

#include "engine/core/clock.hpp"

namespace tenantry::http {

/// The longest a wait goes on after a stop.
inline constexpr std::chrono::milliseconds kStopDelay{250};

/// Sleeps for `wait` in slices of kStopDelay. False, soon, when `stopping` (may be empty) is true
/// or the coroutine is cancelled. `clock` must outlive the task.
boost::asio::awaitable<bool> sleep_unless(Clock& clock, std::chrono::nanoseconds wait,
                                          std::function<bool()> stopping);

}  // namespace tenantry::http
