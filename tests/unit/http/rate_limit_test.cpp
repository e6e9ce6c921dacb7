#include "providers/http/rate_limit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cmath>
#include <deque>

#include "engine/core/random.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"

using namespace tenantry;
using namespace tenantry::test;
using http::RateLimiter;
using http::RateWindow;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

struct Fixture {
  /// Seconds from the start of the test to now.
  double now() const { return std::chrono::duration<double>(clock.steady() - begin).count(); }
  /// Takes one and gives the second at which it started.
  double take(RateWindow window, std::string name = "acme tier 1") {
    CHECK(run(limiter.take(std::move(name), window)).has_value());
    return now();
  }
  /// Queues one on `io`, which notes its number when it starts.
  void queue(int number, RateWindow window, std::string name = "acme tier 1") {
    boost::asio::co_spawn(io, limiter.take(std::move(name), window),
                          [this, number](std::exception_ptr, Result<RateLimiter::Turn> taken) {
                            (taken ? started : refused).emplace_back(number, now());
                          });
  }

  FakeClock clock;
  SteadyTime begin = clock.steady();
  RateLimiter limiter{clock};
  boost::asio::io_context io;
  std::vector<std::pair<int, double>> started, refused;
};

constexpr RateWindow kTwoIn100{2, 100s};

}  // namespace

TEST_SUITE("rate limiter") {
  TEST_CASE("take: a burst up to the limit starts at once") {
    Fixture f;
    for (int i = 0; i < 500; ++i) CHECK(f.take({500, 300s}) == 0.0);
    CHECK(f.clock.slept.empty());
  }

  TEST_CASE("take: past the limit a request waits until the window has moved on, and a little") {
    Fixture f;
    CHECK(f.take(kTwoIn100) == 0);
    f.clock.advance(60s);
    CHECK(f.take(kTwoIn100) == 60);
    CHECK(f.take(kTwoIn100) == doctest::Approx(100.2));
    CHECK(f.take(kTwoIn100) == doctest::Approx(160.2));
    CHECK(f.take(kTwoIn100) == doctest::Approx(200.4));
  }

  TEST_CASE("take: what is under way fills its place until its answer is there") {
    Fixture f;
    auto slow = run(f.limiter.take("acme tier 1", kTwoIn100));
    REQUIRE(slow.has_value());
    f.take(kTwoIn100);
    f.clock.advance(70s);
    *slow = RateLimiter::Turn();  // the server may have counted it just now
    CHECK(f.take(kTwoIn100) == doctest::Approx(100.2));
    CHECK(f.take(kTwoIn100) == doctest::Approx(170.2));
  }

  TEST_CASE("take: where all places are under way, the next answer lets the next one wait") {
    Fixture f;
    auto first = run(f.limiter.take("acme tier 1", kTwoIn100));
    auto second = run(f.limiter.take("acme tier 1", kTwoIn100));
    f.queue(0, kTwoIn100);
    f.io.poll();  // neither starts nor sleeps
    CHECK(f.started.empty());
    CHECK(f.clock.slept.empty());
    f.clock.advance(30s);
    *first = RateLimiter::Turn();
    f.io.restart();
    f.io.run();
    REQUIRE(f.started.size() == 1);
    CHECK(f.started[0].second == doctest::Approx(130.2));
  }

  TEST_CASE("take: names have windows of their own") {
    Fixture f;
    f.take(kTwoIn100);
    f.take(kTwoIn100);
    CHECK(f.take(kTwoIn100, "acme tier 2") == 0);
    CHECK(f.take(kTwoIn100, "globex tier 1") == 0);
  }

  TEST_CASE("take: no window ever holds more than the limit, whatever the arrivals") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      Fixture f;
      SeededRandom random(seed);
      std::vector<double> starts;
      for (int i = 0; i < 300; ++i) {
        f.clock.advance(std::chrono::milliseconds(random.below(9000)));
        starts.push_back(f.take({7, 30s}));
      }
      for (std::size_t i = 7; i < starts.size(); ++i) {
        CAPTURE(seed);
        CHECK(starts[i] - starts[i - 7] > 30.0);
      }
    }
  }

  TEST_CASE("take: first come, first served") {
    Fixture f;
    for (int i = 0; i < 6; ++i) f.queue(i, kTwoIn100);
    f.io.run();
    REQUIRE(f.started.size() == 6);
    for (int i = 0; i < 6; ++i) {
      CHECK(f.started[std::size_t(i)].first == i);
      CHECK(f.started[std::size_t(i)].second >= double(i / 2) * 100.2 - 1e-6);
    }
  }

  TEST_CASE("pause: nothing of that name starts before its end, those that wait included") {
    Fixture f;
    for (int i = 0; i < 4; ++i) f.queue(i, kTwoIn100);
    boost::asio::post(f.io, [&] { f.limiter.pause("acme tier 1", 500s); });
    f.io.run();
    REQUIRE(f.started.size() == 4);
    CHECK(f.started[1].second < 1);  // had started already
    CHECK(f.started[2].second >= 500);
    CHECK(f.started[3].second >= 500);
  }

  TEST_CASE("pause: requests are spread evenly afterwards, and gather speed step by step") {
    Fixture f;
    constexpr RateWindow kHundredIn100{100, 100s};
    f.take(kHundredIn100);
    f.limiter.pause("acme tier 1", 20s);
    CHECK(f.take(kHundredIn100) == 20);
    std::vector<double> gaps;
    for (auto last = f.now(); gaps.size() < 90; last = f.now()) {
      gaps.push_back(f.take(kHundredIn100) - last);
    }
    for (std::size_t i = 0; i < 9; ++i) CHECK(gaps[i] == doctest::Approx(1.002));
    for (std::size_t i = 10; i < 19; ++i) CHECK(gaps[i] == doctest::Approx(0.501));
    for (std::size_t i = 20; i < 29; ++i) CHECK(gaps[i] == doctest::Approx(0.2505));
    CHECK(gaps.back() < 0.01);  // a burst again
    SUBCASE("the next 429 begins anew") {
      f.limiter.pause("acme tier 1", 200s);
      auto const first = f.take(kHundredIn100);
      CHECK(f.take(kHundredIn100) - first == doctest::Approx(1.002));
    }
  }

  TEST_CASE("pause: other names are not touched") {
    Fixture f;
    f.take(kTwoIn100);
    f.limiter.pause("acme tier 2", 500s);
    CHECK(f.take(kTwoIn100) == 0);
    CHECK(f.take(kTwoIn100, "globex tier 2") == 0);
  }

  TEST_CASE("pause: a shorter one does not cut a longer one") {
    Fixture f;
    f.limiter.pause("acme tier 1", 50s);
    f.limiter.pause("acme tier 1", 10s);
    CHECK(f.take(kTwoIn100) == doctest::Approx(50));
  }

  TEST_CASE("pause: a server whose window others fill in part gives no second refusal") {
    // 500 in 300 s, of which others used 400 in the seconds before; we do not know.
    Fixture f;
    constexpr RateWindow kReal{500, 300s};
    std::deque<double> counted;
    for (int i = 0; i < 400; ++i) counted.push_back(-10.0 + i / 50.0);
    int refused = 0;
    for (int done = 0; done < 1000;) {
      auto turn = run(f.limiter.take("acme tier 2", kReal));
      REQUIRE(turn.has_value());
      while (!counted.empty() && counted.front() + 300 <= f.now()) counted.pop_front();
      if (counted.size() < 500) {
        counted.push_back(f.now());
        ++done;
        continue;
      }
      ++refused;
      auto const wait = std::max(1.0, std::ceil(counted.front() + 300 - f.now()));
      f.limiter.pause("acme tier 2", std::chrono::seconds(int(wait)));
    }
    CHECK(refused == 1);
    CHECK(f.now() < 1000);  // 290 s of waiting, then 500 in each 300 s
  }

  TEST_CASE("stop: waits end soon as `cancelled`, and later ones at once") {
    Fixture f;
    for (int i = 0; i < 5; ++i) f.queue(i, kTwoIn100);
    boost::asio::post(f.io, [&] { f.limiter.stop(); });
    f.io.run();
    CHECK(f.started.size() == 2);
    CHECK(f.refused.size() == 3);
    CHECK(f.now() <= 1.0);
    auto const late = run(f.limiter.take("globex tier 1", kTwoIn100));
    REQUIRE(late.has_error());
    CHECK(late.error().code == Errc::cancelled);
  }
}
