#include "providers/qlik/channel.hpp"

#include <fmt/format.h>

namespace tenantry::qlik {
namespace {

constexpr std::chrono::seconds kWindow{300};

/// Qlik Cloud meters over five minutes. Where nothing is to be limited, a window that is never full
/// keeps the pauses of a 429.
http::RateWindow window_of(Tier const& tier, bool limited) {
  if (!limited) return {.requests_max = 1'000'000, .window = std::chrono::seconds(1)};
  return {.requests_max = 5 * tier.per_minute, .window = kWindow};
}

Error stopped(http::Request const& request) {
  Error error(Errc::cancelled, "stopped before the request was made");
  error.request = request.text();
  return error;
}

Task<void> take_turn(Wire& wire, std::string name, http::RateWindow window,
                     http::Request const& request) {
  if (wire.stopping) co_return stopped(request);
  auto turn = co_await wire.limiter.take(std::move(name), window);
  if (!turn) co_return turn.error();
  // Stopped while it waited.
  if (wire.stopping) co_return stopped(request);
  co_return Result<void>();
}

}  // namespace

Task<http::Response> Channel::send(http::Request request, Tier tier, bool repeatable) {
  auto const name = fmt::format("{} tier {}", host_, tier.name);
  auto const window = window_of(tier, rate_limits_);
  http::RetryHooks hooks;
  hooks.prepare = [this, name, window](http::Request& next) {
    return take_turn(wire_, name, window, next);
  };
  hooks.throttled = [this, name](std::chrono::nanoseconds wait) {
    wire_.limiter.pause(name, wait);
  };
  hooks.stopping = [this] { return wire_.stopping; };
  auto const text = request.text();
  auto response =
      co_await http::send_with_retry(wire_.transport, wire_.clock, wire_.random, wire_.policy,
                                     std::move(hooks), std::move(request), repeatable);
  if (!response && response.error().request.empty()) {
    auto error = response.error();
    error.request = text;
    co_return error;
  }
  co_return response;
}

}  // namespace tenantry::qlik
