#include "providers/qlik/platform.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>

#include "tests/unit/qlik/fake_cloud.hpp"

namespace tenantry::test {
namespace {

Result<Reply> call(Session& session, Verb verb = Verb::get) {
  Call one{.verb = verb, .path = "/x"};
  return run(session.call(std::move(one)));
}

}  // namespace

TEST_SUITE("qlik platform") {
  TEST_CASE("sessions: one per host and credential, whatever the case of the name") {
    CloudFixture f;
    CHECK(&f.platform->tenant("eu", "ACME.eu.qlikcloud.com") == &f.acme);
    CHECK(&f.platform->tenant("eu", "other.eu.qlikcloud.com") != &f.acme);
    auto const own = client("own", "x");
    auto& with_own = f.platform->tenant("eu", "acme.eu.qlikcloud.com", own);
    CHECK(&with_own != &f.acme);
    CHECK(&f.platform->tenant("eu", "acme.eu.qlikcloud.com", own) == &with_own);
    CHECK(with_own.signs_in_as("own"));
    CHECK_FALSE(with_own.signs_in_as("oem-eu"));
    CHECK(f.acme.signs_in_as("oem-eu"));
  }

  TEST_CASE("hosts: register of the region and the console, with their own clients") {
    CloudFixture f;
    auto& registration = f.platform->registration("eu");
    CHECK(registration.host() == "register.eu.qlikcloud.com");
    CHECK(&f.platform->registration("eu") == &registration);
    auto* organization = f.platform->organization();
    REQUIRE(organization != nullptr);
    CHECK(organization->host() == "console.qlikcloud.com");
    CHECK(organization->signs_in_as("org"));
    REQUIRE(call(*organization).has_value());
    CHECK(f.cloud.tokens[0].host == "console.qlikcloud.com");
    CHECK(f.cloud.tokens[0].route.endpoint.empty());
  }

  TEST_CASE("hosts: no credential goes to a host outside of the region") {
    CloudFixture f;
    for (auto const* host :
         {"evil.example", "acme.us.qlikcloud.com", "eu.qlikcloud.com", ".eu.qlikcloud.com",
          "a.b.eu.qlikcloud.com", "x@y.eu.qlikcloud.com", "evil.example/.eu.qlikcloud.com",
          "acme.eu.qlikcloud.com.evil.example", ""}) {
      CAPTURE(host);
      for (auto const& own : {std::optional<Credential>(), std::optional(client("own", "x"))}) {
        auto const reply = call(f.platform->tenant("eu", host, own));
        REQUIRE(reply.has_error());
        CHECK(reply.error().code == Errc::invalid);
      }
    }
    CHECK(f.platform->calls() == 0);
  }

  TEST_CASE("organization: none where none is configured") {
    FakeCloud cloud;
    FakeClock clock;
    SeededRandom random(1);
    auto const platform = make_platform({}, cloud, clock, random);
    CHECK(platform->organization() == nullptr);
  }

  TEST_CASE("calls: counts what left, tokens and repeats included") {
    CloudFixture f;
    f.script({json_response(503, ""), json_response(200, "{}"), Error(Errc::tls, "not trusted")});
    REQUIRE(call(f.acme).has_value());
    CHECK(f.platform->calls() == 3);
    CHECK(call(f.acme).has_error());
    CHECK(f.platform->calls() == 3);
  }

  TEST_CASE("rates: five minutes' worth of writes at once, then the window; reads apart") {
    CloudFixture f;
    // The token is a write of the same window.
    for (int i = 0; i < 499; ++i) REQUIRE(call(f.acme, Verb::post).has_value());
    CHECK(f.clock.slept.empty());
    REQUIRE(call(f.acme).has_value());
    CHECK(f.clock.slept.empty());
    auto const before = f.clock.steady();
    REQUIRE(call(f.acme, Verb::post).has_value());
    CHECK(f.clock.steady() - before >= std::chrono::seconds(300));
    CHECK(f.clock.steady() - before < std::chrono::seconds(310));
  }

  TEST_CASE("rates: a slow answer counts from its end on, since the server may have counted then") {
    CloudFixture f;
    auto const begun = f.clock.steady();
    f.cloud.on_call = [&, is_first = true](http::Request const&) mutable {
      if (std::exchange(is_first, false)) f.clock.advance(std::chrono::seconds(100));
      return json_response(200, "{}");
    };
    for (int i = 0; i < 499; ++i) REQUIRE(call(f.acme, Verb::post).has_value());
    CHECK(f.clock.steady() - begun == std::chrono::seconds(100));
    REQUIRE(call(f.acme, Verb::post).has_value());  // in the place of the token
    CHECK(f.clock.steady() - begun < std::chrono::seconds(310));
    REQUIRE(call(f.acme, Verb::post).has_value());  // in the place of the slow one
    CHECK(f.clock.steady() - begun >= std::chrono::seconds(400));
  }

  TEST_CASE("rates: the window may be another one, as a test server's is") {
    CloudFixture f;
    auto const platform =
        make_platform(CloudFixture::access(), f.cloud, f.clock, f.random, std::chrono::seconds(20));
    auto& acme = platform->tenant("eu", "acme.eu.qlikcloud.com");
    auto const begun = f.clock.steady();
    for (int i = 0; i < 500; ++i) REQUIRE(call(acme, Verb::post).has_value());
    CHECK(f.clock.steady() - begun >= std::chrono::seconds(20));
    CHECK(f.clock.steady() - begun < std::chrono::seconds(21));
  }

  TEST_CASE("rates: hosts do not share a window") {
    CloudFixture f;
    auto& other = f.platform->tenant("eu", "other.eu.qlikcloud.com");
    for (int i = 0; i < 499; ++i) REQUIRE(call(f.acme, Verb::post).has_value());
    for (int i = 0; i < 499; ++i) REQUIRE(call(other, Verb::post).has_value());
    CHECK(f.clock.slept.empty());
  }

  TEST_CASE("rates: off where the region says so, but a 429 still makes the tier wait") {
    CloudFixture f;
    auto& fast = f.platform->tenant("us", "x.us.qlikcloud.com");
    for (int i = 0; i < 600; ++i) REQUIRE(call(fast, Verb::post).has_value());
    CHECK(f.clock.slept.empty());
    auto throttled = json_response(429, R"({"errors": [{"code": "HTTP-429", "title": "x"}]})");
    throttled.headers.emplace_back("Retry-After", "7");
    f.script({throttled, json_response(200, "{}")});
    auto const before = f.clock.steady();
    REQUIRE(call(fast, Verb::post).has_value());
    CHECK(f.clock.steady() - before >= std::chrono::seconds(7));
  }

  TEST_CASE("rates: a 429 holds up the other calls of its tier, and only those") {
    CloudFixture f;
    REQUIRE(call(f.acme).has_value());
    std::map<std::string, SteadyTime> sent;
    f.cloud.on_call = [&](http::Request const& request) {
      bool const is_first = sent.empty();
      sent[request.target] = f.clock.steady();
      if (!is_first) return json_response(200, "{}");
      auto throttled = json_response(429, "");
      throttled.headers.emplace_back("Retry-After", "7");
      return throttled;
    };
    boost::asio::io_context io;
    auto const spawn = [&](Verb verb, std::string path, int turns_before) {
      boost::asio::co_spawn(
          io,
          [](Session& session, Call one, int turns) -> boost::asio::awaitable<void> {
            auto const executor = co_await boost::asio::this_coro::executor;
            while (turns-- > 0) co_await boost::asio::post(executor, boost::asio::use_awaitable);
            auto const reply = co_await session.call(std::move(one));
            CHECK(reply.has_value());
          }(f.acme, Call{.verb = verb, .path = std::move(path)}, turns_before),
          boost::asio::detached);
    };
    auto const start = f.clock.steady();
    spawn(Verb::post, "/throttled", 0);
    spawn(Verb::post, "/same", 6);
    spawn(Verb::get, "/other", 6);
    io.run();
    CHECK(sent["/same"] - start >= std::chrono::seconds(7));
    CHECK(sent["/other"] - start < std::chrono::seconds(7));
  }

  TEST_CASE("rates: an operation with a limit of its own has a window of its own") {
    CloudFixture f;
    for (int i = 0; i < 10; ++i) {
      Call one{.path = "/x", .tier = Tier{"runtime", 2}};
      REQUIRE(run(f.acme.call(std::move(one))).has_value());
    }
    CHECK(f.clock.slept.empty());
    Call one{.path = "/x", .tier = Tier{"runtime", 2}};
    REQUIRE(run(f.acme.call(std::move(one))).has_value());
    CHECK_FALSE(f.clock.slept.empty());
  }

  TEST_CASE("stop: no further request starts; abort ends the running ones") {
    CloudFixture f;
    REQUIRE(call(f.acme).has_value());
    f.platform->stop();
    CHECK_FALSE(f.cloud.cancelled);
    auto const reply = call(f.acme);
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::cancelled);
    CHECK(f.cloud.calls.size() == 1);
    f.platform->abort();
    CHECK(f.cloud.cancelled);
  }

  TEST_CASE("stop: a repeat that was due does not happen") {
    CloudFixture f;
    f.cloud.on_call = [&](auto const&) {
      f.platform->stop();
      return json_response(503, "");
    };
    CHECK(call(f.acme).has_error());
    CHECK(f.cloud.calls.size() == 1);
  }
}
}  // namespace tenantry::test
