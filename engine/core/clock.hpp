// Time as an interface: engine code never asks the system itself.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where time comes from. The fake of the tests moves only when told to.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;      ///< for expiry and purge dates
  virtual SteadyTime steady() const = 0;  ///< for limits and deadlines
  /// Returns after `wait`, at once if it is not positive. Ends early, without an error, when the
  /// coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep(std::chrono::nanoseconds wait) = 0;
};

/// The system's time.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override;
  boost::asio::awaitable<void> sleep(std::chrono::nanoseconds wait) override;
};

/// "2026-03-01T12:00:00Z" (RFC 3339, UTC, whole seconds).
std::string format_time(WallTime time);
/// "2026-03-01T12:00:00.123Z", the form of Qlik's answers.
std::string format_time_millis(WallTime time);
/// Reads RFC 3339 times with or without fraction, `Z` or an offset. Errors: Errc::invalid, also for
/// years before 1678 and after 2261, which no WallTime can hold.
Result<WallTime> parse_time(std::string_view text);
/// Reads the Date header of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT". Errors: Errc::invalid.
Result<WallTime> parse_http_date(std::string_view text);
/// Writes the Date header of HTTP.
std::string format_http_date(WallTime time);
/// "45 s", "3 min 20 s", "2 h 5 min": for people.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace tenantry
