#include "providers/http/retry.hpp"

#include <algorithm>
#include <charconv>

#include "providers/http/sleep.hpp"

namespace tenantry::http {
using namespace std::chrono;

namespace {

/// What an attempt's end asks for.
enum class Next { done, repeat, wait_out };

Next next_of(Result<Response> const& response, bool idempotent) {
  if (!response) {
    auto const code = response.error().code;
    if (code == Errc::connection || code == Errc::unknown_host) return Next::repeat;
    bool const is_lost = code == Errc::lost_reply || code == Errc::timeout;
    return is_lost && idempotent ? Next::repeat : Next::done;
  }
  auto const status = response->status;
  if (status == 429) return Next::wait_out;
  bool const may_pass = status == 502 || status == 503 || status == 504;
  return may_pass && idempotent ? Next::repeat : Next::done;
}

/// Uniform in [0, min(delay_max, delay_first * 2^failures)]: callers that failed together do not
/// come back together.
nanoseconds jittered(RetryPolicy const& policy, Random& random, int failures) {
  auto bound = duration_cast<microseconds>(policy.delay_first);
  auto const bound_max = duration_cast<microseconds>(policy.delay_max);
  for (int i = 0; i < failures && bound < bound_max; ++i) bound *= 2;
  bound = std::clamp(bound, microseconds::zero(), bound_max);
  return microseconds(random.below(static_cast<std::uint64_t>(bound.count()) + 1));
}

}  // namespace

std::optional<seconds> retry_after(Response const& response, WallTime now) {
  auto text = header(response.headers, "Retry-After");
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  // More digits than any wait makes sense for; the policy's bound has the last word.
  constexpr std::size_t kDigitsMax = 9;
  bool const is_number = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) {
    if (text.size() > kDigitsMax) return seconds(999'999'999);
    int count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return seconds(count);
  }
  auto const date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::max(ceil<seconds>(*date - now), seconds::zero());
}

Task<Response> send_with_retry(Transport& transport, Clock& clock, Random& random,
                               RetryPolicy policy, RetryHooks hooks, Request request,
                               bool repeatable) {
  ensure(policy.attempts_max >= 1, "a request has at least one attempt");
  bool const idempotent = is_idempotent(request.method) || repeatable;
  int failures = 0;
  int throttled = 0;
  int untold = 0;
  SteadyTime throttled_since{};
  if (hooks.stopping && hooks.stopping()) {
    co_return Error(Errc::cancelled, "stopped before the request was sent");
  }
  for (;;) {
    auto attempt = request;
    if (hooks.prepare) {
      auto prepared = co_await hooks.prepare(attempt);
      if (!prepared) co_return prepared.error();
    }
    auto response = co_await transport.send(std::move(attempt));
    auto const next = next_of(response, idempotent);
    if (next == Next::done) co_return response;
    std::optional<seconds> asked;
    if (response) asked = retry_after(*response, clock.wall());
    if (asked && *asked > policy.retry_after_max) co_return response;

    nanoseconds wait{};
    if (next == Next::wait_out) {
      auto const now = clock.steady();
      if (throttled++ == 0) throttled_since = now;
      if (now - throttled_since >= policy.throttled_for_max) co_return response;
      bool const is_told = asked && *asked > seconds::zero();
      if (!is_told && ++untold > policy.throttled_untold_max) co_return response;
      wait = asked ? nanoseconds(*asked) : jittered(policy, random, untold - 1);
      if (hooks.throttled && wait > nanoseconds::zero()) hooks.throttled(wait);
    } else {
      if (++failures >= policy.attempts_max) co_return response;
      wait = jittered(policy, random, failures - 1);
      if (asked) wait = std::max(wait, nanoseconds(*asked));
    }
    // Stopped: what is known of the last attempt tells more than that we stopped.
    auto const slept = co_await sleep_unless(clock, wait, hooks.stopping);
    if (!slept) co_return response;
  }
}

}  // namespace tenantry::http
