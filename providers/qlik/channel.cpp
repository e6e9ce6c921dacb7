#include "providers/qlik/channel.hpp"

#include <fmt/format.h>

namespace tenantry::qlik {
namespace {

/// The window holds five times the minute rate. Where nothing is to be limited, one that is never
/// full keeps the pauses of a 429.
http::RateWindow window_of(Wire const& wire, Tier const& tier, bool limited) {
  if (!limited) return {.requests_max = 1'000'000, .window = std::chrono::seconds(1)};
  return {.requests_max = 5 * tier.per_minute, .window = wire.rate_window};
}

Error stopped(http::Request const& request) {
  Error error(Errc::cancelled, "stopped before the request was made");
  error.request = request.text();
  return error;
}

/// Each attempt waits for its turn, and counts until its answer is there.
class MeteredTransport final : public http::Transport {
 public:
  MeteredTransport(Wire& wire, std::string name, http::RateWindow window)
      : wire_(wire), name_(std::move(name)), window_(window) {}

  Task<http::Response> send(http::Request request) override {
    if (wire_.stopping) co_return stopped(request);
    auto const turn = co_await wire_.limiter.take(name_, window_);
    if (!turn) co_return turn.error();
    if (wire_.stopping) co_return stopped(request);  // while it waited
    co_return co_await wire_.transport.send(std::move(request));
  }
  void pause(std::chrono::nanoseconds wait) { wire_.limiter.pause(name_, wait); }

 private:
  Wire& wire_;
  std::string name_;
  http::RateWindow window_;
};

}  // namespace

Task<http::Response> Channel::send(http::Request request, Tier tier, bool repeatable) {
  MeteredTransport metered(wire_, fmt::format("{} tier {}", host_, tier.name),
                           window_of(wire_, tier, rate_limits_));
  http::RetryHooks hooks;
  hooks.throttled = [&metered](std::chrono::nanoseconds wait) { metered.pause(wait); };
  hooks.stopping = [this] { return wire_.stopping; };
  auto const text = request.text();
  auto response = co_await http::send_with_retry(metered, wire_.clock, wire_.random, wire_.policy,
                                                 std::move(hooks), std::move(request), repeatable);
  if (!response && response.error().request.empty()) {
    auto error = response.error();
    error.request = text;
    co_return error;
  }
  co_return response;
}

}  // namespace tenantry::qlik
