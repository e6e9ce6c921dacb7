// Repeats one exchange while its failure may pass and repeating cannot do the work twice.
#pragma once
#include <functional>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::http {

struct RetryPolicy {
  int attempts_max = 5;                        ///< tries in all, the first included; >= 1
  std::chrono::milliseconds delay_first{200};  ///< upper bound before the second try; doubles
  std::chrono::milliseconds delay_max{std::chrono::seconds(30)};  ///< longest wait of our own
  int throttled_max = 20;  ///< 429 answers waited out before giving up
};

/// What is known before and after an attempt; both may be empty.
struct RetryHooks {
  /// Runs before each attempt: waits for the rate limiter, sets the token.
  std::function<Task<void>(Request&)> prepare;
  /// Tells the rate limiter of a 429 and its Retry-After.
  std::function<void(std::chrono::nanoseconds)> throttled;
  /// True once the user asked to stop: no further attempt starts.
  std::function<bool()> stopping;
};

/// True for GET, PUT and DELETE: doing it twice leaves what doing it once leaves.
bool is_idempotent(Method method);

/// The seconds of a Retry-After header, number or HTTP date; nothing when missing or unreadable.
std::optional<std::chrono::seconds> retry_after(Response const& response, WallTime now);

/// Sends `request` until it succeeds, its failure is final, or tries run out.
/// - 429: any method, after Retry-After (else our own delay).
/// - connection: any method, since the request never left.
/// - lost_reply, timeout, 502, 503, 504: only idempotent methods, exponential backoff, full jitter.
/// `repeatable` makes a PATCH count as idempotent (JSON Patch of plain `replace` operations is).
/// Everything else is returned as it is. `transport`, `clock` and `random` must outlive the task.
Task<Response> send_with_retry(Transport& transport, Clock& clock, Random& random,
                               RetryPolicy policy, RetryHooks hooks, Request request,
                               bool repeatable);

}  // namespace tenantry::http
