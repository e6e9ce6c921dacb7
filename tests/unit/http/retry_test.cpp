#include "providers/http/retry.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>
#include <numeric>

#include "providers/http/rate_limit.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"

using namespace tenantry;
using namespace tenantry::test;
using namespace std::chrono_literals;
using http::Method;
using http::Request;
using http::Response;

namespace {

/// Gives the answers of a list, the last one again and again.
class ScriptedTransport final : public http::Transport {
 public:
  explicit ScriptedTransport(std::vector<Result<Response>> answers)
      : answers_(std::move(answers)) {}
  Task<Response> send(Request request) override {
    auto const at = std::min(requests.size(), answers_.size() - 1);
    requests.push_back(std::move(request));
    co_return answers_[at];
  }
  std::vector<Request> requests;

 private:
  std::vector<Result<Response>> answers_;
};

/// Always the same number, for jitter that can be told.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

Result<Response> status(int code, std::string_view retry_after = {}) {
  Response response;
  response.status = code;
  if (!retry_after.empty()) response.headers.emplace_back("retry-after", retry_after);
  return response;
}

Result<Response> failure(Errc code) { return Error(code, "failed"); }

struct Fixture {
  Result<Response> send(Method method, std::vector<Result<Response>> answers,
                        bool repeatable = false) {
    transport = std::make_unique<ScriptedTransport>(std::move(answers));
    Request request;
    request.method = method;
    request.body = "body";
    auto const begin = clock.steady();
    auto result = run(http::send_with_retry(*transport, clock, random, policy, hooks,
                                            std::move(request), repeatable));
    waited = clock.steady() - begin;
    return result;
  }
  std::size_t tries() const { return transport->requests.size(); }

  FakeClock clock;
  FixedRandom random{100'000};  // microseconds: a wait of 100 ms, where the bound allows it
  http::RetryPolicy policy;
  http::RetryHooks hooks;
  std::unique_ptr<ScriptedTransport> transport;
  std::chrono::nanoseconds waited{};
};

}  // namespace

TEST_SUITE("retry") {
  TEST_CASE("send_with_retry: a success is returned at once") {
    Fixture f;
    CHECK(f.send(Method::post, {status(201)})->status == 201);
    CHECK(f.tries() == 1);
    CHECK(f.waited == 0s);
  }

  TEST_CASE("send_with_retry: failures that do not pass are returned as they are") {
    Fixture f;
    for (int const code : {301, 400, 401, 403, 404, 409, 412, 500, 501}) {
      CAPTURE(code);
      CHECK(f.send(Method::get, {status(code), status(200)})->status == code);
      CHECK(f.tries() == 1);
    }
    for (auto const code : {Errc::tls, Errc::protocol, Errc::too_large, Errc::cancelled,
                            Errc::invalid, Errc::unauthorized}) {
      CHECK(f.send(Method::get, {failure(code), status(200)}).error().code == code);
      CHECK(f.tries() == 1);
    }
  }

  TEST_CASE("send_with_retry: an unknown outcome is only repeated where that is harmless") {
    std::vector<Result<Response>> const causes{status(502), status(503), status(504),
                                               failure(Errc::lost_reply), failure(Errc::timeout)};
    for (auto const& cause : causes) {
      Fixture f;
      for (auto const method : {Method::get, Method::put, Method::delete_}) {
        CHECK(f.send(method, {cause, status(200)})->status == 200);
        CHECK(f.tries() == 2);
      }
      for (auto const method : {Method::post, Method::patch}) {
        auto const result = f.send(method, {cause, status(200)});
        CHECK(f.tries() == 1);
        CHECK(result.has_value() == cause.has_value());
      }
      CHECK(f.send(Method::patch, {cause, status(200)}, true)->status == 200);
      CHECK(f.tries() == 2);
    }
  }

  TEST_CASE("send_with_retry: a request that never left is repeated, whatever its method") {
    Fixture f;
    CHECK(f.send(Method::post, {failure(Errc::connection), status(201)})->status == 201);
    CHECK(f.tries() == 2);
    CHECK(f.transport->requests[1].body == "body");
  }

  TEST_CASE("send_with_retry: tries are bounded, and the last failure is returned") {
    Fixture f;
    f.policy.attempts_max = 3;
    CHECK(f.send(Method::get, {status(503)})->status == 503);
    CHECK(f.tries() == 3);
    CHECK(f.send(Method::get, {failure(Errc::connection)}).error().code == Errc::connection);
    CHECK(f.tries() == 3);
    f.policy.attempts_max = 1;
    f.send(Method::get, {status(503)});
    CHECK(f.tries() == 1);
  }

  TEST_CASE("send_with_retry: waits double, lie anywhere below their bound, and have a ceiling") {
    std::vector<std::chrono::nanoseconds> longest(6);
    std::vector<std::chrono::nanoseconds> shortest(6, 1h);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      FakeClock clock;
      SeededRandom random(seed);
      ScriptedTransport transport({failure(Errc::connection)});
      http::RetryPolicy policy;
      policy.attempts_max = 7;
      policy.delay_first = 100ms;
      policy.delay_max = 1s;
      http::RetryHooks hooks;
      std::vector<SteadyTime> times;
      hooks.prepare = [&](Request&) -> Task<void> {
        times.push_back(clock.steady());
        co_return Result<void>();
      };
      run(http::send_with_retry(transport, clock, random, policy, hooks, Request(), false));
      REQUIRE(times.size() == 7);
      for (std::size_t i = 0; i < 6; ++i) {
        longest[i] = std::max(longest[i], times[i + 1] - times[i]);
        shortest[i] = std::min(shortest[i], times[i + 1] - times[i]);
      }
    }
    std::vector<std::chrono::milliseconds> const bounds{100ms, 200ms, 400ms, 800ms, 1s, 1s};
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(longest[i] <= bounds[i]);
      CHECK(longest[i] > bounds[i] * 9 / 10);
      CHECK(shortest[i] < bounds[i] / 10);
    }
  }

  TEST_CASE("send_with_retry: a 429 is waited out as long as the server says, for any method") {
    Fixture f;
    std::vector<std::chrono::nanoseconds> told;
    f.hooks.throttled = [&](std::chrono::nanoseconds wait) { told.push_back(wait); };
    CHECK(f.send(Method::post, {status(429, "7"), status(201)})->status == 201);
    CHECK(f.waited == 7s);
    REQUIRE(told.size() == 1);
    CHECK(told[0] == 7s);
    SUBCASE("without a wait of the server's it is our own") {
      f.send(Method::post, {status(429), status(201)});
      CHECK(f.waited == 100ms);
    }
    SUBCASE("it does not use up tries, but has a bound of its own") {
      f.policy.attempts_max = 2;
      f.policy.throttled_for_max = 4s;
      CHECK(f.send(Method::get, {status(429, "1")})->status == 429);
      CHECK(f.tries() == 5);
    }
    SUBCASE("a server that names no time to wait is not asked for ever") {
      f.policy.throttled_untold_max = 3;
      CHECK(f.send(Method::get, {status(429, "0")})->status == 429);
      CHECK(f.tries() == 4);
      CHECK(told.size() == 1);  // the first answer's, above
    }
    SUBCASE("a wait past all reason is not waited for") {
      CHECK(f.send(Method::get, {status(429, "601"), status(200)})->status == 429);
      CHECK(f.tries() == 1);
      CHECK(f.waited == 0s);
    }
  }

  TEST_CASE("send_with_retry: a 503 that names a wait is not asked again before") {
    Fixture f;
    CHECK(f.send(Method::get, {status(503, "3"), status(200)})->status == 200);
    CHECK(f.waited == 3s);
  }

  TEST_CASE("send_with_retry: prepare changes each attempt, not the request, and may refuse") {
    Fixture f;
    int count = 0;
    f.hooks.prepare = [&](Request& request) -> Task<void> {
      request.headers.emplace_back("Authorization", std::to_string(++count));
      if (count == 3) co_return Error(Errc::unauthorized, "no token");
      co_return Result<void>();
    };
    auto const result = f.send(Method::get, {status(503)});
    CHECK(result.error().code == Errc::unauthorized);
    REQUIRE(f.tries() == 2);
    CHECK(f.transport->requests[1].headers.size() == 1);
    CHECK(http::header(f.transport->requests[1].headers, "authorization") == "2");
  }

  TEST_CASE("send_with_retry: a stop ends waits soon, and starts nothing") {
    Fixture f;
    bool stop = false;
    f.hooks.stopping = [&] { return stop; };
    SUBCASE("before the first attempt it is `cancelled`") {
      stop = true;
      CHECK(f.send(Method::get, {status(200)}).error().code == Errc::cancelled);
      CHECK(f.tries() == 0);
    }
    SUBCASE("while waiting the last answer is returned") {
      auto const begin = f.clock.steady();
      f.hooks.stopping = [&] { return f.clock.steady() - begin >= 1s; };
      CHECK(f.send(Method::get, {status(429, "300"), status(200)})->status == 429);
      CHECK(f.tries() == 1);
      CHECK(f.waited <= 1250ms);
    }
  }

  TEST_CASE("retry_after: seconds or an HTTP date; anything else is nothing") {
    auto const now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    auto const read = [&](std::string_view text) {
      return http::retry_after(*status(429, text), now);
    };
    CHECK(read("0") == 0s);
    CHECK(read(" 120 ") == 120s);
    CHECK(read("99999999999999999999") > 10000h);
    CHECK(read("Sun, 06 Nov 1994 08:50:07 GMT") == 30s);
    CHECK(read("Sun, 06 Nov 1994 08:00:00 GMT") == 0s);
    for (auto const* const text : {"", "-1", "1.5", "soon", "1 2"}) {
      CHECK_FALSE(read(text).has_value());
    }
  }

  TEST_CASE("Request::text: method, scheme, host and path, no query") {
    Request request;
    request.method = Method::delete_;
    request.host = "acme.eu.example.com";
    request.target = "/a/b?token=secret#c";
    CHECK(request.text() == "DELETE https://acme.eu.example.com/a/b");
    request.route.endpoint = "http://127.0.0.1:1";
    CHECK(request.text() == "DELETE http://acme.eu.example.com/a/b");
  }
}
