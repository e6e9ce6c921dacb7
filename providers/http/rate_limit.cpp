#include "providers/http/rate_limit.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <list>
#include <optional>

#include "providers/http/sleep.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
using std::chrono::nanoseconds;

namespace {

/// After so many requests without a refusal twice as many a second may follow.
constexpr int kStartsPerStep = 10;
/// Requests closer together than this are a burst.
constexpr std::chrono::milliseconds kIntervalMin{2};

/// Kept a little longer than said: two clocks do not run at quite the same speed.
nanoseconds span_of(RateWindow window) {
  nanoseconds const said = window.window;
  return said + said / 500;
}

}  // namespace

struct RateLimiter::Bucket {
  RateWindow window;
  std::deque<SteadyTime> ended;  // within the window, oldest first: counted by then at the latest
  std::size_t under_way = 0;     // counted at a time that is not known yet
  std::list<Waiter*> waiting;    // the first alone watches the clock
  SteadyTime blocked_until = SteadyTime::min();
  nanoseconds interval{0};  // between two starts, after a 429; 0: none
  int starts_of_step = 0;
  SteadyTime last_start = SteadyTime::min();

  void forget_old(SteadyTime now) {
    while (!ended.empty() && ended.front() + span_of(window) <= now) ended.pop_front();
  }

  /// When one more may start; nothing while only an answer can tell.
  std::optional<SteadyTime> next_start(SteadyTime now) {
    forget_old(now);
    auto start = std::max(now, blocked_until);
    auto const room = static_cast<std::size_t>(window.requests_max);
    if (under_way + ended.size() >= room) {
      auto const index = under_way + ended.size() - room;
      if (index >= ended.size()) return std::nullopt;
      start = std::max(start, ended[index] + span_of(window));
    }
    if (interval > nanoseconds::zero()) start = std::max(start, last_start + interval);
    return start;
  }

  void start_one(SteadyTime now) {
    ++under_way;
    last_start = now;
    if (interval == nanoseconds::zero() || ++starts_of_step < kStartsPerStep) return;
    starts_of_step = 0;
    interval /= 2;
    if (interval < kIntervalMin) interval = nanoseconds::zero();
  }

  void pause_until(SteadyTime end) {
    blocked_until = std::max(blocked_until, end);
    // Nothing was taken yet: there is no speed to slow down.
    if (window.requests_max > 0) interval = span_of(window) / window.requests_max;
    starts_of_step = 0;
  }
};

/// One coroutine in the queue; leaves it when its frame goes, however that happens.
struct RateLimiter::Waiter {
  Waiter(Bucket& b, asio::any_io_executor const& executor)
      : bucket(b), wake(executor, asio::steady_timer::time_point::max()) {
    place = bucket.waiting.insert(bucket.waiting.end(), this);
  }
  Waiter(Waiter const&) = delete;
  Waiter& operator=(Waiter const&) = delete;
  ~Waiter() {
    bool const was_first = is_first();
    bucket.waiting.erase(place);
    if (was_first && !bucket.waiting.empty()) bucket.waiting.front()->wake.cancel();
  }
  bool is_first() const { return bucket.waiting.front() == this; }

  Bucket& bucket;
  asio::steady_timer wake;  // a condition variable
  std::list<Waiter*>::iterator place;
};

RateLimiter::Turn& RateLimiter::Turn::operator=(Turn&& other) noexcept {
  end();
  bucket_ = std::move(other.bucket_);
  clock_ = other.clock_;
  return *this;
}

void RateLimiter::Turn::end() {
  auto const bucket = std::move(bucket_);
  if (!bucket) return;
  auto const now = clock_->steady();
  --bucket->under_way;
  bucket->ended.push_back(now);
  bucket->forget_old(now);
  if (!bucket->waiting.empty()) bucket->waiting.front()->wake.cancel();
}

std::shared_ptr<RateLimiter::Bucket> RateLimiter::bucket_of(std::string const& name) {
  auto& bucket = buckets_[name];
  if (!bucket) bucket = std::make_shared<Bucket>();
  return bucket;
}

Task<RateLimiter::Turn> RateLimiter::take(std::string name, RateWindow window) {
  ensure(window.requests_max > 0, "a rate window lets requests through");
  Error const stopped(Errc::cancelled, "stopped while waiting for the rate limit");
  if (stopped_) co_return stopped;
  auto const bucket = bucket_of(name);
  bucket->window = window;
  auto const executor = co_await asio::this_coro::executor;
  std::optional<Waiter> waiter;
  if (!bucket->waiting.empty()) waiter.emplace(*bucket, executor);
  for (;;) {
    if (stopped_) co_return stopped;
    std::optional<SteadyTime> start;
    auto const now = clock_.steady();
    if (!waiter || waiter->is_first()) {
      start = bucket->next_start(now);
      if (start && *start <= now) {
        bucket->start_one(now);
        co_return Turn(bucket, clock_);
      }
    }
    if (!waiter) waiter.emplace(*bucket, executor);
    if (start) {
      // Slice by slice: pause() may move the start meanwhile.
      auto const is_stopped = [this] { return stopped_; };
      auto const slice = std::min<nanoseconds>(*start - now, kStopDelay);
      auto const slept = co_await sleep_unless(clock_, slice, is_stopped);
      if (!slept) co_return stopped;
    } else {
      auto [woken] = co_await waiter->wake.async_wait(asio::as_tuple(asio::use_awaitable));
      (void)woken;
      auto const state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return stopped;
    }
  }
}

void RateLimiter::pause(std::string const& name, nanoseconds wait) {
  auto const bucket = bucket_of(name);
  bucket->pause_until(clock_.steady() + wait);
}

void RateLimiter::stop() {
  stopped_ = true;
  for (auto const& [name, bucket] : buckets_) {
    for (auto* const waiter : bucket->waiting) waiter->wake.cancel();
  }
}

}  // namespace tenantry::http
