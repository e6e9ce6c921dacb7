#include "emulator/faults.hpp"

#include <doctest/doctest.h>

#include "emulator/rate_window.hpp"

namespace tenantry::emulator {
namespace {

Value rules(char const* text) {
  auto value = parse_json(text);
  REQUIRE(value.has_value());
  return *value;
}

bool adds(Faults& faults, char const* text) { return faults.add(rules(text)).has_value(); }

}  // namespace

TEST_SUITE("emulator/faults") {
  TEST_CASE("add: takes a rule, a list and an object with rules, flat or with match") {
    Faults faults;
    CHECK(adds(faults, R"({"method":"POST","path":"/api/v1/groups","status":500,"times":1})"));
    CHECK(adds(faults, R"([{"match":{"host":"^acme"},"delayMs":5},{"dropAfterProcessing":true}])"));
    CHECK(adds(faults, R"({"rules":[{"truncateBody":true}]})"));
    CHECK(faults.size() == 4);
    faults.clear();
    CHECK(faults.size() == 0);
  }

  TEST_CASE("add: refuses what it does not understand, and then adds nothing") {
    Faults faults;
    for (auto const* text :
         {"1", "[1]", "{}", R"({"status":99})", R"({"status":"500"})",
          R"({"path":"(","status":500})", R"({"match":1,"status":500})",
          R"({"status":500,"times":0})", R"({"staus":500})", R"({"status":500,"probability":2})",
          R"({"rules":1})", R"({"delayMs":-1})", R"([{"status":500},{"status":1}])"}) {
      CAPTURE(text);
      CHECK_FALSE(adds(faults, text));
    }
    CHECK(faults.size() == 0);
  }

  TEST_CASE("next: method as a whole, host and path anywhere, path with and without the query") {
    Faults faults;
    SeededRandom random(1);
    REQUIRE(adds(faults, R"({"method":"GET|POST","host":"^acme\\.","path":"^/api/v1/groups$",
                                 "status":503,"retryAfter":7})"));
    auto const hit = faults.next(random, "POST", "acme.eu.qlikcloud.com", "/api/v1/groups?limit=1");
    REQUIRE(hit.has_value());
    CHECK(hit->status == 503U);
    CHECK(hit->retry_after_s == 7);
    CHECK_FALSE(faults.next(random, "POSTS", "acme.eu.qlikcloud.com", "/api/v1/groups"));
    CHECK_FALSE(faults.next(random, "GET", "x.acme.eu.qlikcloud.com", "/api/v1/groups"));
    CHECK_FALSE(faults.next(random, "GET", "acme.eu.qlikcloud.com", "/api/v1/groups/1"));
  }

  TEST_CASE("next: skip lets requests pass, times ends the rule, the next rule takes over") {
    Faults faults;
    SeededRandom random(1);
    REQUIRE(adds(faults, R"([{"status":500,"skip":1,"times":2},{"status":502,"times":1}])"));
    std::vector<unsigned> seen;
    for (int i = 0; i < 5; ++i) {
      auto const hit = faults.next(random, "GET", "h", "/");
      seen.push_back(hit ? *hit->status : 0);
    }
    CHECK(seen == std::vector<unsigned>{502, 500, 500, 0, 0});
    CHECK(faults.size() == 0);
  }

  TEST_CASE("next: probability is a die of the seed") {
    auto const hits = [](std::uint64_t seed) {
      Faults faults;
      SeededRandom random(seed);
      REQUIRE(adds(faults, R"({"status":500,"probability":0.25})"));
      std::string out;
      for (int i = 0; i < 400; ++i) out += faults.next(random, "GET", "h", "/") ? '1' : '0';
      return out;
    };
    CHECK(hits(7) == hits(7));
    auto const count = std::ranges::count(hits(7), '1');
    CHECK(count > 60);
    CHECK(count < 140);
  }

  TEST_CASE("next: a pattern that explodes does not match and does not hang") {
    Faults faults;
    SeededRandom random(1);
    REQUIRE(adds(faults, R"({"path":"^(a+)+(b+)+\\1$","status":500})"));
    CHECK_FALSE(faults.next(random, "GET", "h", std::string(5000, 'a') + "!"));
  }
}

TEST_SUITE("emulator/rate_window") {
  using std::chrono::seconds;

  TEST_CASE("take: passes a burst, then tells when the first call leaves the window") {
    RateWindow window;
    SteadyTime now{};
    for (int i = 0; i < 5; ++i) CHECK_FALSE(window.take(now, 5, seconds(300)));
    now += seconds(100);
    CHECK(window.take(now, 5, seconds(300)) == seconds(200));
    now += seconds(200);
    CHECK_FALSE(window.take(now, 5, seconds(300)));
  }

  TEST_CASE("take: refused calls do not count") {
    RateWindow window;
    SteadyTime now{};
    CHECK_FALSE(window.take(now, 1, seconds(10)));
    for (int i = 0; i < 100; ++i) CHECK(window.take(now + seconds(5), 1, seconds(10)));
    CHECK_FALSE(window.take(now + seconds(10), 1, seconds(10)));
  }
}
}  // namespace tenantry::emulator
