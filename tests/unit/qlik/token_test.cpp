#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/unit/qlik/fake_cloud.hpp"

namespace tenantry::test {
namespace {

http::Response refused(int status, std::string_view code) {
  return json_response(status, R"({"errors": [{"code": ")" + std::string(code) +
                                   R"(", "title": "No", "status": ")" + std::to_string(status) +
                                   R"("}], "traceId": "t-1"})");
}

/// Makes `count` calls at once; the results in order of their ends.
std::vector<Result<Reply>> at_once(Session& session, int count) {
  boost::asio::io_context io;
  std::vector<Result<Reply>> results;
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(
        io,
        [](Session& s, std::vector<Result<Reply>>& out) -> boost::asio::awaitable<void> {
          Call call{.path = "/api/v1/roles"};
          auto reply = co_await s.call(std::move(call));
          out.push_back(std::move(reply));
        }(session, results),
        boost::asio::detached);
  }
  io.run();
  return results;
}

/// A region with two clients, of which the server accepts one or none.
struct TwoClients {
  FakeCloud cloud;
  FakeClock clock;
  SeededRandom random{1};
  std::string accepted;
  std::string refusal = "AUTH-1";
  std::unique_ptr<Platform> platform = make_platform(access(), cloud, clock, random);

  TwoClients() {
    cloud.on_token = [this](http::Request const& request) {
      auto const id = text_at(parse_json(request.body).value().as_object(), "client_id");
      if (id != accepted) {
        return json_response(
            401, R"({"errors": [{"code": ")" + refusal + R"(", "title": "no s3cret, no n3w"}]})");
      }
      return json_response(200, R"({"access_token": "t", "expires_in": 21600})");
    };
  }
  static PlatformAccess access() {
    PlatformAccess all;
    all.regions["eu"] = {"eu", client("old", "s3cret"), "", "", true, {client("new", "n3w")}};
    return all;
  }
  Result<Reply> call(std::string const& host) {
    Call call{.path = "/x"};
    return run(platform->tenant("eu", host).call(std::move(call)));
  }
  /// Ids of the clients that asked for a token.
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (auto const& request : cloud.tokens) {
      out.push_back(text_at(parse_json(request.body).value().as_object(), "client_id"));
    }
    return out;
  }
};

}  // namespace

TEST_SUITE("qlik tokens") {
  TEST_CASE("get: client credentials as JSON to the same host, then a bearer") {
    CloudFixture f;
    REQUIRE(f.get("/api/v1/roles").has_value());
    REQUIRE(f.cloud.tokens.size() == 1);
    auto const& asked = f.cloud.tokens[0];
    CHECK(asked.host == "acme.eu.qlikcloud.com");
    CHECK(asked.route.endpoint == "http://127.0.0.1:1");
    CHECK(http::header(asked.headers, "Content-Type") == "application/json");
    CHECK(http::header(asked.headers, "Authorization").empty());
    CHECK(canonical(parse_json(asked.body).value()) ==
          R"({"client_id":"oem-eu","client_secret":"s3cret","grant_type":"client_credentials"})");
    CHECK(http::header(f.cloud.calls[0].headers, "Authorization") == "Bearer token-1");
  }

  TEST_CASE("get: one request for ten concurrent callers") {
    CloudFixture f;
    auto const results = at_once(f.acme, 10);
    REQUIRE(results.size() == 10);
    for (auto const& result : results) CHECK(result.has_value());
    CHECK(f.cloud.tokens.size() == 1);
    CHECK(f.cloud.calls.size() == 10);
  }

  TEST_CASE("get: all who wait learn of a failure, and a later call tries again") {
    CloudFixture f;
    f.cloud.on_token = [](auto const&) { return refused(401, "AUTH-1"); };
    auto const results = at_once(f.acme, 10);
    for (auto const& result : results) {
      REQUIRE(result.has_error());
      CHECK(result.error().code == Errc::unauthorized);
    }
    CHECK(f.cloud.tokens.size() == 1);
    CHECK(f.cloud.calls.empty());
    f.cloud.on_token = nullptr;
    CHECK(f.get("/api/v1/roles").has_value());
  }

  TEST_CASE("get: a renewal whose coroutine is gone does not hold up later callers") {
    CloudFixture f;
    {
      boost::asio::io_context io;
      Call call{.path = "/x"};
      boost::asio::co_spawn(io, f.acme.call(std::move(call)), boost::asio::detached);
      while (f.cloud.tokens.empty()) io.run_one();
    }
    CHECK(f.get("/x").has_value());
    CHECK(f.cloud.tokens.size() == 2);
  }

  TEST_CASE("get: renewed minutes before it expires, not sooner") {
    CloudFixture f;
    REQUIRE(f.get("/x").has_value());
    f.clock.advance(std::chrono::seconds(21'600 - 301));
    REQUIRE(f.get("/x").has_value());
    CHECK(f.cloud.tokens.size() == 1);
    f.clock.advance(std::chrono::seconds(2));
    REQUIRE(f.get("/x").has_value());
    CHECK(f.cloud.tokens.size() == 2);
    CHECK(http::header(f.cloud.calls.back().headers, "Authorization") == "Bearer token-2");
  }

  TEST_CASE("get: a time of expiry serves where no lifetime is told") {
    CloudFixture f;
    f.cloud.on_token = [&](auto const&) {
      return json_response(200, R"({"access_token": "t", "expires_at": ")" +
                                    format_time(f.clock.wall() + std::chrono::minutes(10)) +
                                    R"("})");
    };
    REQUIRE(f.get("/x").has_value());
    f.clock.advance(std::chrono::minutes(8));
    REQUIRE(f.get("/x").has_value());
    CHECK(f.cloud.tokens.size() == 1);
    f.clock.advance(std::chrono::minutes(1));  // a tenth of ten minutes before
    REQUIRE(f.get("/x").has_value());
    CHECK(f.cloud.tokens.size() == 2);
  }

  TEST_CASE("call: a 401 renews the token and repeats once, whatever the verb") {
    CloudFixture f;
    f.script({refused(401, "AUTH-2"), json_response(201, R"({"id": "r1"})")});
    Call call{.verb = Verb::post, .path = "/api/v1/roles", .body = Object{{"name", "x"}}};
    REQUIRE(f.send(std::move(call)).has_value());
    CHECK(f.cloud.tokens.size() == 2);
    REQUIRE(f.cloud.calls.size() == 2);
    CHECK(http::header(f.cloud.calls[1].headers, "Authorization") == "Bearer token-2");
    CHECK(f.cloud.calls[1].body == R"({"name":"x"})");
  }

  TEST_CASE("call: a second 401 is final") {
    CloudFixture f;
    f.script({refused(401, "AUTH-2"), refused(401, "AUTH-2")});
    auto const reply = f.get("/api/v1/roles");
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::unauthorized);
    CHECK(reply.error().api->code == "AUTH-2");
    CHECK(f.cloud.calls.size() == 2);
  }

  TEST_CASE("call: ten refused at once renew once") {
    CloudFixture f;
    f.cloud.on_call = [](http::Request const& request) {
      bool const is_new = http::header(request.headers, "Authorization") == "Bearer token-2";
      return is_new ? json_response(200, "{}") : refused(401, "AUTH-2");
    };
    for (auto const& result : at_once(f.acme, 10)) CHECK(result.has_value());
    CHECK(f.cloud.tokens.size() == 2);
  }

  TEST_CASE("call: a late 401 of the old token does not cost the new one") {
    CloudFixture f;
    f.cloud.turns = [&](http::Request const& request) {
      bool const is_late = request.target != "/oauth/token" && f.cloud.calls.size() == 2;
      return is_late ? 50 : 1;
    };
    f.cloud.on_call = [](http::Request const& request) {
      bool const is_old = http::header(request.headers, "Authorization") == "Bearer token-1";
      return is_old ? refused(401, "AUTH-2") : json_response(200, "{}");
    };
    for (auto const& result : at_once(f.acme, 2)) CHECK(result.has_value());
    CHECK(f.cloud.tokens.size() == 2);
  }

  TEST_CASE("call: a deactivated tenant is told apart, and its token kept") {
    for (auto const* code : {"TENANT_DEACTIVATED", "TENANT_DISABLED"}) {
      CloudFixture f;
      f.script({refused(401, code)});
      auto const reply = f.get("/api/v1/roles");
      REQUIRE(reply.has_error());
      CHECK(reply.error().code == Errc::tenant_disabled);
      CHECK(f.cloud.tokens.size() == 1);
      CHECK(f.cloud.calls.size() == 1);
    }
  }

  TEST_CASE("get: a deactivated tenant refuses the token as well") {
    CloudFixture f;
    f.cloud.on_token = [](auto const&) { return refused(401, "TENANT_DISABLED"); };
    auto const reply = f.get("/api/v1/roles");
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::tenant_disabled);
    CHECK(reply.error().message == "the tenant acme.eu.qlikcloud.com is deactivated");
  }

  TEST_CASE("get: wrong credentials name the region and where to look, never the secret") {
    CloudFixture f;
    f.cloud.on_token = [](auto const&) {
      return json_response(401, R"({"errors": [{"code": "x", "title": "bad s3cret"}]})");
    };
    auto const reply = f.get("/api/v1/roles");
    REQUIRE(reply.has_error());
    auto const& error = reply.error();
    CHECK(error.message == "the client id or secret of region eu is wrong");
    CHECK(error.hint.find("`regions.eu`") != std::string::npos);
    CHECK(error.request == "POST http://acme.eu.qlikcloud.com/oauth/token");
    CHECK(describe(error).find("s3cret") == std::string::npos);
  }

  TEST_CASE("two clients: the second where the first is not accepted, for all hosts of a run") {
    TwoClients f;
    f.accepted = "new";
    CHECK(f.call("acme.eu.qlikcloud.com").has_value());
    CHECK(f.ids() == std::vector<std::string>{"old", "new"});
    CHECK(f.call("globex.eu.qlikcloud.com").has_value());
    CHECK(f.ids() == std::vector<std::string>{"old", "new", "new"});
    // The one that worked may be withdrawn while the run goes on.
    f.accepted = "old";
    CHECK(f.call("initech.eu.qlikcloud.com").has_value());
    CHECK(f.ids() == std::vector<std::string>{"old", "new", "new", "new", "old"});
  }

  TEST_CASE("two clients: one request where the first works") {
    TwoClients f;
    f.accepted = "old";
    CHECK(f.call("acme.eu.qlikcloud.com").has_value());
    CHECK(f.ids() == std::vector<std::string>{"old"});
  }

  TEST_CASE("two clients: both refused names both places and no secret") {
    TwoClients f;
    auto const reply = f.call("acme.eu.qlikcloud.com");
    REQUIRE(reply.has_error());
    CHECK(f.ids() == std::vector<std::string>{"old", "new"});
    auto const& error = reply.error();
    CHECK(error.code == Errc::unauthorized);
    CHECK(error.message == "no client of region eu is accepted");
    CHECK(error.hint.find("`regions.eu.clients[0]` and `regions.eu.clients[1]`") !=
          std::string::npos);
    auto const text = describe(error) + error.hint;
    CHECK(text.find("s3cret") == std::string::npos);
    CHECK(text.find("n3w") == std::string::npos);
  }

  TEST_CASE("two clients: a deactivated tenant is no wrong client") {
    TwoClients f;
    f.refusal = "TENANT_DEACTIVATED";
    auto const reply = f.call("acme.eu.qlikcloud.com");
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::tenant_disabled);
    CHECK(f.ids() == std::vector<std::string>{"old"});
  }

  TEST_CASE("two clients: both are the run's own") {
    TwoClients f;
    auto const& session = f.platform->tenant("eu", "acme.eu.qlikcloud.com");
    CHECK(session.signs_in_as("old"));
    CHECK(session.signs_in_as("new"));
    CHECK_FALSE(session.signs_in_as("other"));
    CHECK_FALSE(session.signs_in_as(""));
  }

  TEST_CASE("get: a credential that is missing is said before any request") {
    CloudFixture f;
    auto& session = f.platform->tenant("de", "x.de.qlikcloud.com");
    Call call{.path = "/x"};
    auto const reply = run(session.call(std::move(call)));
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::unauthorized);
    CHECK(reply.error().hint.find("`regions.de`") != std::string::npos);
    CHECK(f.platform->calls() == 0);
  }

  TEST_CASE("get: an answer without a token is a protocol error") {
    CloudFixture f;
    f.cloud.on_token = [](auto const&) { return json_response(200, "<html>"); };
    auto const reply = f.get("/x");
    REQUIRE(reply.has_error());
    CHECK(reply.error().code == Errc::protocol);
  }

  TEST_CASE("API key: is the bearer itself, and a 401 is final") {
    CloudFixture f;
    Credential key;
    key.api_key = Secret("key-1");
    auto& session = f.platform->tenant("eu", "acme.eu.qlikcloud.com", key);
    f.script({json_response(200, "{}"), refused(401, "AUTH-2")});
    Call call{.path = "/x"};
    REQUIRE(run(session.call(call)).has_value());
    CHECK(http::header(f.cloud.calls[0].headers, "Authorization") == "Bearer key-1");
    auto const reply = run(session.call(call));
    REQUIRE(reply.has_error());
    CHECK(reply.error().message.find("API key") != std::string::npos);
    CHECK(describe(reply.error()).find("key-1") == std::string::npos);
    CHECK(f.cloud.tokens.empty());
    CHECK(f.cloud.calls.size() == 2);
  }
}
}  // namespace tenantry::test
