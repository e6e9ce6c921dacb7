// Repeats one exchange while its failure may pass and repeating cannot do the work twice.
#pragma once
#include <chrono>
#include <functional>
#include <optional>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "providers/http/transport.hpp"

namespace tenantry::http {

struct RetryPolicy {
  int attempts_max = 5;                        ///< tries in all, the first included; >= 1
  std::chrono::milliseconds delay_first{200};  ///< upper bound before the second try; doubles
  std::chrono::milliseconds delay_max{std::chrono::seconds(30)};  ///< longest wait of our own
  /// How long one request waits out answers of 429, which do not count as tries, before it gives
  /// up: six windows of Qlik Cloud's limits.
  std::chrono::seconds throttled_for_max{1800};
  /// ... and how many such answers that tell no time to wait, which is no window's.
  int throttled_untold_max = 20;
  /// A server that asks for a longer wait is not waited for: its answer is returned.
  std::chrono::seconds retry_after_max{600};
};

/// What the caller adds to each attempt; all may be empty. What they use must outlive the task.
struct RetryHooks {
  /// Runs before each attempt on a copy of the request: waits for the rate limiter, sets the
  /// token. Its error ends the task.
  std::function<Task<void>(Request&)> prepare;
  /// Tells the rate limiter of a 429 and how long we will wait; not of one that asks for no wait.
  std::function<void(std::chrono::nanoseconds)> throttled;
  /// True once the user asked to stop: no further attempt starts, the first included, and waits
  /// end within a quarter of a second.
  std::function<bool()> stopping;
};

/// The seconds of a Retry-After header, number or HTTP date; nothing when missing or unreadable.
std::optional<std::chrono::seconds> retry_after(Response const& response, WallTime now);

/// Sends `request` until it succeeds, its failure is final, or tries run out.
/// - 429: any method, after Retry-After (else our own delay).
/// - connection: any method, since the request never left.
/// - lost_reply, timeout, 502, 503, 504: only idempotent methods, exponential backoff with full
///   jitter, and not before the Retry-After of the answer.
/// `repeatable` makes a PATCH count as idempotent (JSON Patch of plain `replace` operations is).
/// Everything else, and the last answer or error when tries run out, is returned as it is.
/// When stopped between attempts, that is the last one's answer or error.
/// Errors: those of Transport::send and of `prepare`; cancelled when stopped before the first.
/// `transport`, `clock` and `random` must outlive the task.
Task<Response> send_with_retry(Transport& transport, Clock& clock, Random& random,
                               RetryPolicy policy, RetryHooks hooks, Request request,
                               bool repeatable);

}  // namespace tenantry::http
