// One exchange with one host, within its rate limits: what tokens and calls have in common.
#pragma once
#include <memory>
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "providers/api/session.hpp"
#include "providers/http/rate_limit.hpp"
#include "providers/http/retry.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::qlik {

/// What all hosts of a run share. Members outlive every task.
struct Wire {
  http::Transport& transport;
  Clock& clock;
  Random& random;
  http::RateLimiter& limiter;
  std::chrono::seconds rate_window{300};  ///< what the server meters over
  http::RetryPolicy policy = {};
  bool stopping = false;  ///< no further request starts
};

/// Sends requests of one host. Rates are counted by (host, tier), as Qlik Cloud does for one user.
class Channel {
 public:
  /// `wire` must outlive the channel. Without `rate_limits` only a 429 makes requests wait.
  Channel(Wire& wire, std::string host, http::Route route, bool rate_limits)
      : wire_(wire), host_(std::move(host)), route_(std::move(route)), rate_limits_(rate_limits) {}

  /// The answer, of any status. Errors: those of the transport and of a stop.
  Task<http::Response> send(http::Request request, Tier tier, bool repeatable);

  std::string const& host() const { return host_; }
  http::Route const& route() const { return route_; }
  Wire& wire() const { return wire_; }

 private:
  Wire& wire_;
  std::string host_;
  http::Route route_;
  bool rate_limits_;
};

}  // namespace tenantry::qlik
