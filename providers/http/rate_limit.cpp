#include "providers/http/rate_limit.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "providers/http/sleep.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
using std::chrono::nanoseconds;

namespace {

nanoseconds span_of(RateWindow window) {
  nanoseconds const said = window.window;
  return said + said / 100;
}

}  // namespace

/// When the request at `index` of `starts` may start, given those before it.
SteadyTime RateLimiter::next_start(Bucket const& bucket, std::size_t index, RateWindow window,
                                   SteadyTime earliest) {
  auto start = std::max(earliest, bucket.blocked_until);
  if (index > 0) start = std::max(start, bucket.starts[index - 1]);
  auto const room = static_cast<std::size_t>(window.requests_max);
  if (index >= room) start = std::max(start, bucket.starts[index - room] + span_of(window));
  return start;
}

void RateLimiter::forget_old(Bucket& bucket, SteadyTime now) {
  while (!bucket.starts.empty() && bucket.starts.front() + span_of(bucket.window) <= now) {
    bucket.starts.pop_front();
    ++bucket.first;
  }
}

Task<void> RateLimiter::take(std::string name, RateWindow window) {
  ensure(window.requests_max > 0, "a rate window lets requests through");
  Error const stopped(Errc::cancelled, "stopped while waiting for the rate limit");
  auto& bucket = buckets_[name];  // never erased, so the reference stays good
  bucket.window = window;
  auto const now = clock_.steady();
  forget_old(bucket, now);
  auto const ticket = bucket.first + bucket.starts.size();
  bucket.starts.push_back(next_start(bucket, bucket.starts.size(), window, now));
  for (;;) {
    if (stopped_) co_return stopped;
    // A place that was forgotten lies in the past by a whole window.
    auto const left = ticket < bucket.first
                          ? nanoseconds::zero()
                          : nanoseconds(bucket.starts[ticket - bucket.first] - clock_.steady());
    if (left <= nanoseconds::zero()) co_return Result<void>();
    // Slice by slice: pause() may have moved the start meanwhile.
    auto const is_stopped = [this] { return stopped_; };
    auto const slept =
        co_await sleep_unless(clock_, std::min<nanoseconds>(left, kStopDelay), is_stopped);
    if (!slept) co_return stopped;
  }
}

void RateLimiter::pause(std::string const& name, nanoseconds wait) {
  auto& bucket = buckets_[name];
  auto const now = clock_.steady();
  bucket.blocked_until = std::max(bucket.blocked_until, now + wait);
  auto const waiting = std::ranges::upper_bound(bucket.starts, now);
  for (auto at = waiting; at != bucket.starts.end(); ++at) {
    auto const index = static_cast<std::size_t>(at - bucket.starts.begin());
    *at = next_start(bucket, index, bucket.window, *at);
  }
}

nanoseconds RateLimiter::time_for(std::string const& name, RateWindow window, int count) const {
  auto const now = clock_.steady();
  auto const found = buckets_.find(name);
  Bucket bucket = found == buckets_.end() ? Bucket() : found->second;
  bucket.window = window;
  forget_old(bucket, now);
  for (int i = 0; i < count; ++i) {
    bucket.starts.push_back(next_start(bucket, bucket.starts.size(), window, now));
  }
  return bucket.starts.empty() || count <= 0 ? nanoseconds::zero() : bucket.starts.back() - now;
}

}  // namespace tenantry::http
