// The client over plain connections: requests, answers, reuse, limits.
#include "providers/http/client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "client_fixture.hpp"

using namespace tenantry;
using namespace tenantry::test;
using namespace std::chrono_literals;
using http::Method;
using Link = ScriptedServer::Link;

namespace {

/// How many are inside at once, at most.
class Gauge {
 public:
  void enter() {
    std::scoped_lock const lock(mutex_);
    most_ = std::max(most_, ++now_);
  }
  void leave() {
    std::scoped_lock const lock(mutex_);
    --now_;
  }
  int most() const { return most_; }

 private:
  std::mutex mutex_;
  int now_ = 0;
  int most_ = 0;
};

}  // namespace

TEST_SUITE("http client: exchanges") {
  TEST_CASE("send: an answer comes with status, headers and body") {
    ScriptedServer server(
        always("HTTP/1.1 201 Created\r\nX-One: a\r\nContent-Length: 2\r\n\r\nhi"));
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->status == 201);
    CHECK(http::header(response->headers, "x-one") == "a");
    CHECK(response->body == "hi");
  }

  TEST_CASE("send: a request has host, length, agent and no more than asked for") {
    ScriptedServer server(always(answer("")));
    http::ClientOptions options;
    options.user_agent = "tenantry/1";
    ClientFixture fixture(options);
    auto request = request_to(server.url(), Method::post, "/a?b=c");
    request.headers = {{"Authorization", "Bearer x"}};
    request.body = "{}";
    REQUIRE(fixture.send(request).has_value());
    CHECK(server.requests().at(0) ==
          "POST /a?b=c HTTP/1.1\r\nHost: acme.eu.example.com\r\nUser-Agent: tenantry/1\r\n"
          "Authorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}");
  }

  TEST_CASE("send: a POST without body says that it has none, a GET says nothing") {
    ScriptedServer server(always(answer("")));
    ClientFixture fixture;
    REQUIRE(fixture.send(request_to(server.url(), Method::post)).has_value());
    REQUIRE(fixture.send(request_to(server.url())).has_value());
    CHECK(server.requests().at(0).find("Content-Length: 0\r\n") != std::string::npos);
    CHECK(server.requests().at(1).find("Content-Length") == std::string::npos);
  }

  TEST_CASE("send: a body larger than all buffers arrives whole") {
    ScriptedServer server(always(answer("")));
    ClientFixture fixture;
    auto request = request_to(server.url(), Method::post);
    request.body.assign(std::size_t{4} << 20, 'x');
    REQUIRE(fixture.send(request).has_value());
    CHECK(server.requests().at(0).ends_with(request.body));
  }

  TEST_CASE("send: a chunked body is put together, its trailer ignored") {
    ScriptedServer server([](Link& link, int) {
      link.read_request();
      for (auto const* const part : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
                                     "llo\r\n6;a=b\r\n world\r\n0\r\nX-End: 1\r", "\n\r\n"}) {
        link.write(part);
        std::this_thread::sleep_for(1ms);
      }
      link.read_request();
    });
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->body == "hello world");
  }

  TEST_CASE("send: without a length the body ends with the connection") {
    ScriptedServer server(once("HTTP/1.1 200 OK\r\n\r\nto the end"));
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->body == "to the end");
  }

  TEST_CASE("send: an answer byte by byte is as good as one in one piece") {
    ScriptedServer server([](Link& link, int) {
      link.read_request();
      for (char const c : answer("xyz")) link.write({&c, 1});
      link.read_request();
    });
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->body == "xyz");
  }

  TEST_CASE("send: interim answers are skipped") {
    ScriptedServer server(
        always("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
               "HTTP/1.1 100 Continue\r\n\r\n" +
               answer("real")));
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->body == "real");
    CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(server.connections() == 1);
  }

  TEST_CASE("send: a redirect is returned, not followed") {
    ScriptedServer server(
        always("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
    ClientFixture fixture;
    auto response = fixture.send(request_to(server.url()));
    REQUIRE(response.has_value());
    CHECK(response->status == 302);
    CHECK(server.requests().size() == 1);
  }

  TEST_CASE("send: an early refusal counts although the body was not read") {
    ScriptedServer server([](Link& link, int) {
      link.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      link.read_request();
    });
    ClientFixture fixture;
    auto request = request_to(server.url(), Method::post);
    request.body.assign(1000, 'x');
    auto response = fixture.send(request);
    REQUIRE(response.has_value());
    CHECK(response->status == 413);
  }

  TEST_CASE("send: a request that HTTP does not allow is refused before any connection") {
    ScriptedServer server(always(answer("")));
    ClientFixture fixture;
    auto request = request_to(server.url());
    SUBCASE("line end in a header value") { request.headers = {{"X", "a\r\nEvil: secret-b"}}; }
    SUBCASE("line end in a header name") { request.headers = {{"X\r\nEvil", "secret-b"}}; }
    SUBCASE("a header of the client's own") { request.headers = {{"hOst", "secret-b"}}; }
    SUBCASE("space in the target") { request.target = "/a secret-b"; }
    SUBCASE("target that is no path") { request.target = "secret-b"; }
    SUBCASE("host with a path") { request.host = "a/b"; }
    SUBCASE("endpoint with a path") { request.route.endpoint += "/secret-b"; }
    auto response = fixture.send(request);
    CHECK(code_of(response) == Errc::invalid);
    CHECK(response.error().message.find("secret-b") == std::string::npos);
    CHECK(server.connections() == 0);
  }
}

TEST_SUITE("http client: connections") {
  TEST_CASE("send: requests after another share a connection") {
    ScriptedServer server(always(answer("ok")));
    ClientFixture fixture;
    for (int i = 0; i < 5; ++i) CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(server.connections() == 1);
  }

  TEST_CASE("send: hosts do not share connections, even at one endpoint") {
    ScriptedServer server(always(answer("ok")));
    ClientFixture fixture;
    auto request = request_to(server.url());
    CHECK(fixture.send(request).has_value());
    request.host = "globex.eu.example.com";
    CHECK(fixture.send(request).has_value());
    CHECK(server.connections() == 2);
    CHECK(server.requests().at(1).find("Host: globex.eu.example.com\r\n") != std::string::npos);
  }

  TEST_CASE("send: a connection is not used again when the answer forbids it") {
    std::string text = answer("ok", "Connection: close\r\n");
    SUBCASE("by Connection: close") {}
    SUBCASE("by HTTP/1.0") { text = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"; }
    SUBCASE("by bytes after its end") { text = answer("ok") + "HTTP/1.1 200 OK\r\n"; }
    ScriptedServer server(always(text));
    ClientFixture fixture;
    CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(server.connections() == 2);
  }

  TEST_CASE("send: a kept connection that the server closed is replaced, for any method") {
    ScriptedServer server(once(answer("ok")));
    ClientFixture fixture;
    int closed = 0;
    for (auto const method : {Method::get, Method::post, Method::patch}) {
      CHECK(fixture.send(request_to(server.url(), method)).has_value());
      ++closed;
      wait_until([&] { return server.finished() == closed; });
    }
    CHECK(server.connections() == 3);
    CHECK(server.requests().size() == 3);
  }

  TEST_CASE("send: a kept connection closed just now is repeated only where that is harmless") {
    // The second request of the first connection is read and not answered.
    ScriptedServer server([](Link& link, int number) {
      link.read_request();
      link.write(answer("ok"));
      link.read_request();
      if (number > 0) link.write(answer("again"));
    });
    ClientFixture fixture;
    REQUIRE(fixture.send(request_to(server.url())).has_value());
    SUBCASE("GET is") {
      auto response = fixture.send(request_to(server.url()));
      REQUIRE(response.has_value());
      CHECK(server.requests().size() == 3);
    }
    SUBCASE("POST is not") {
      auto response = fixture.send(request_to(server.url(), Method::post));
      CHECK(code_of(response) == Errc::lost_reply);
      CHECK(server.requests().size() == 2);
    }
  }

  TEST_CASE("send: a fresh connection closed before the answer is not tried again") {
    ScriptedServer server([](Link& link, int) { link.read_request(); });
    ClientFixture fixture;
    CHECK(code_of(fixture.send(request_to(server.url()))) == Errc::lost_reply);
    CHECK(server.connections() == 1);
  }

  TEST_CASE("send: an idle connection is not kept for ever") {
    ScriptedServer server(always(answer("ok")));
    http::ClientOptions options;
    options.idle_max = 0ms;
    ClientFixture fixture(options);
    CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(fixture.send(request_to(server.url())).has_value());
    CHECK(server.connections() == 2);
  }

  TEST_CASE("send: at most so many connections per host, and the first to ask is served first") {
    Gauge busy;
    ScriptedServer server([&](Link& link, int) {
      while (!link.read_request().empty()) {
        busy.enter();
        std::this_thread::sleep_for(1ms);
        busy.leave();
        link.write(answer("ok"));
      }
    });
    http::ClientOptions options;
    options.connections_per_host_max = 1;
    SUBCASE("one connection keeps the order") {
      ClientFixture fixture(options);
      std::vector<http::Request> requests;
      for (int i = 0; i < 10; ++i) {
        requests.push_back(request_to(server.url(), Method::get, fmt::format("/{}", i)));
      }
      for (auto& result : fixture.send_all(requests)) CHECK(result.has_value());
      CHECK(server.connections() == 1);
      auto const seen = server.requests();
      REQUIRE(seen.size() == 10);
      for (int i = 0; i < 10; ++i) {
        CHECK(seen[std::size_t(i)].starts_with(fmt::format("GET /{} ", i)));
      }
    }
    SUBCASE("three connections carry three requests") {
      options.connections_per_host_max = 3;
      ClientFixture fixture(options);
      std::vector<http::Request> const requests(12, request_to(server.url()));
      for (auto& result : fixture.send_all(requests)) CHECK(result.has_value());
      CHECK(server.connections() == 3);
      CHECK(busy.most() <= 3);
    }
  }

  TEST_CASE("send: at most so many connections in all") {
    Gauge busy;
    ScriptedServer server([&](Link& link, int) {
      while (!link.read_request().empty()) {
        busy.enter();
        std::this_thread::sleep_for(1ms);
        busy.leave();
        link.write(answer("ok"));
      }
    });
    http::ClientOptions options;
    options.connections_max = 2;
    ClientFixture fixture(options);
    std::vector<http::Request> requests;
    for (int i = 0; i < 20; ++i) {
      requests.push_back(request_to(server.url()));
      requests.back().host = fmt::format("t{}.eu.example.com", i % 4);
    }
    for (auto& result : fixture.send_all(requests)) CHECK(result.has_value());
    CHECK(server.requests().size() == 20);
    CHECK(busy.most() <= 2);
  }

  TEST_CASE("send: a full pool closes an idle connection of another host to make room") {
    ScriptedServer server(always(answer("ok")));
    http::ClientOptions options;
    options.connections_max = 2;
    ClientFixture fixture(options);
    auto const send_to = [&](std::string host) {
      auto request = request_to(server.url());
      request.host = std::move(host);
      CHECK(fixture.send(request).has_value());
      return server.connections();
    };
    CHECK(send_to("a.example.com") == 1);
    CHECK(send_to("b.example.com") == 2);
    CHECK(send_to("c.example.com") == 3);  // in place of a, the one idle for longest
    CHECK(send_to("b.example.com") == 3);
    CHECK(send_to("a.example.com") == 4);
  }
}
