#include "state/lock_wait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "engine/core/text.hpp"

namespace tenantry::state {
namespace asio = boost::asio;
using namespace std::chrono_literals;

Task<std::unique_ptr<TenantLock>> wait_for_lock(
    Clock& clock, std::string tenant, std::chrono::milliseconds timeout,
    std::function<Task<std::unique_ptr<TenantLock>>()> attempt) {
  constexpr std::chrono::milliseconds kPauseFirst = 20ms;
  constexpr std::chrono::milliseconds kPauseMax = 1s;
  constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::days(365);  // no overflow below
  // Clock::sleep rather than a timer: a test's clock then decides how long a wait is.
  auto const deadline = clock.steady() + std::min(timeout, kTimeoutMax);
  for (auto pause = kPauseFirst;; pause = std::min(2 * pause, kPauseMax)) {
    auto held = co_await attempt();
    if (!held || *held) co_return std::move(held);
    auto const left = deadline - clock.steady();
    if (left <= 0ns) co_return std::unique_ptr<TenantLock>();
    co_await clock.sleep(std::min<std::chrono::nanoseconds>(pause, left));
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return Error(Errc::cancelled, fmt::format("no longer waiting for the lock of {}", tenant));
    }
  }
}

Error locked_error(std::string const& tenant, LockOwner const* owner) {
  auto const who = owner ? describe(*owner) : "another process that has just started";
  return {Errc::locked, fmt::format("{} is locked by {}", visible(tenant), who),
          "wait for it with --lock-timeout SECONDS; the lock ends with its process, so nobody has "
          "to unlock"};
}

Error read_only_error(std::string const& location) {
  return {
      Errc::internal,
      fmt::format("the state {} is open for reading only, and this needs a user who may write it",
                  location)};
}

}  // namespace tenantry::state
