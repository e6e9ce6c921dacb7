// Tenants side by side: enough to keep every call busy, not more than memory should hold.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>

#include "engine/core/clock.hpp"

namespace tenantry::run {

struct SideBySide {
  std::size_t tenants = 1;  ///< at least so many at once; >= 1
  /// Calls that could run right now, were there any more to make; empty: not known. While there are
  /// any, further tenants are begun: those in work wait for something else, such as a rate limit,
  /// and need no calls meanwhile.
  std::function<std::size_t()> idle_calls = {};
  std::size_t tenants_max = 1024;  ///< never more at once than this, or than `tenants`
};

/// Calls `work` once for each of 0..count-1, in this order, and returns when all have ended.
/// `clock` and what `work` refers to must outlive the task.
boost::asio::awaitable<void> side_by_side(
    Clock& clock, SideBySide options, std::size_t count,
    std::function<boost::asio::awaitable<void>(std::size_t)> work);

}  // namespace tenantry::run
