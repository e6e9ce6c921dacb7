#include "providers/http/rate_limit.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>

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
                          [this, number](std::exception_ptr, Result<void> taken) {
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

  TEST_CASE("take: past the limit a request waits until the window has moved on, and a percent") {
    Fixture f;
    CHECK(f.take(kTwoIn100) == 0);
    f.clock.advance(60s);
    CHECK(f.take(kTwoIn100) == 60);
    CHECK(f.take(kTwoIn100) == doctest::Approx(101));
    CHECK(f.take(kTwoIn100) == doctest::Approx(161));
    CHECK(f.take(kTwoIn100) == doctest::Approx(202));
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
      CHECK(f.started[std::size_t(i)].second >= double(i / 2) * 101);
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
    CHECK(f.take(kTwoIn100) >= 601);  // the moved ones fill the window
    CHECK(f.take(kTwoIn100, "acme tier 2") < 700);
  }

  TEST_CASE("pause: a shorter one does not cut a longer one") {
    Fixture f;
    f.limiter.pause("acme tier 1", 50s);
    f.limiter.pause("acme tier 1", 10s);
    CHECK(f.take(kTwoIn100) == doctest::Approx(50));
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

  TEST_CASE("time_for: tells what the takes will do, and takes nothing") {
    Fixture f;
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 0) == 0s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 2) == 0s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 3) == 101s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 7) == 303s);
    f.take(kTwoIn100);
    f.clock.advance(1s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 2) == 100s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 2) == 100s);
    f.clock.advance(200s);
    CHECK(f.limiter.time_for("acme tier 1", kTwoIn100, 2) == 0s);
  }
}
