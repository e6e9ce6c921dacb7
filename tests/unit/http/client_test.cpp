// The client over plain connections: requests, answers, reuse, limits, failures.
#include "providers/http/client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <condition_variable>

#include "client_fixture.hpp"

using namespace tenantry;
using namespace tenantry::test;
using namespace std::chrono_literals;
using http::Method;
using Link = ScriptedServer::Link;

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
    for (auto const method : {Method::get, Method::post, Method::patch}) {
      CHECK(fixture.send(request_to(server.url(), method)).has_value());
      std::this_thread::sleep_for(5ms);  // the farewell arrives
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
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    ScriptedServer server([&](Link& link, int) {
      for (;;) {
        if (link.read_request().empty()) return;
        most = std::max<int>(most, ++now);
        std::this_thread::sleep_for(1ms);
        --now;
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
      CHECK(most <= 3);
    }
  }

  TEST_CASE("send: a full pool closes an idle connection of another host to make room") {
    ScriptedServer server(always(answer("ok")));
    http::ClientOptions options;
    options.connections_max = 2;
    ClientFixture fixture(options);
    std::vector<http::Request> requests;
    for (int i = 0; i < 9; ++i) {
      requests.push_back(request_to(server.url()));
      requests.back().host = fmt::format("t{}.eu.example.com", i % 3);
    }
    for (auto& result : fixture.send_all(requests)) CHECK(result.has_value());
    CHECK(server.requests().size() == 9);
    requests[0].host = "other.eu.example.com";
    CHECK(fixture.send(requests[0]).has_value());
  }
}

TEST_SUITE("http client: failures") {
  TEST_CASE("send: nobody listening is `connection`, with the request and without the query") {
    std::string url;
    {
      ScriptedServer const gone(once(""));
      url = gone.url();
    }
    ClientFixture fixture;
    auto const response = fixture.send(request_to(url, Method::post, "/a?token=secret"));
    CHECK(code_of(response) == Errc::connection);
    CHECK(response.error().request == "POST http://acme.eu.example.com/a");
    CHECK(response.error().message.starts_with("cannot connect to 127.0.0.1:"));
  }

  TEST_CASE("send: a name that does not exist is `connection`") {
    ClientFixture fixture;
    auto const response = fixture.send(request_to("http://nowhere.invalid:1"));
    CHECK(code_of(response) == Errc::connection);
    CHECK(response.error().message.starts_with("cannot find the address of nowhere.invalid"));
  }

  TEST_CASE("send: a name of this machine is found") {
    ScriptedServer server(always(answer("ok")));
    ClientFixture fixture;
    auto const url = fmt::format("http://localhost:{}", server.port());
    CHECK(fixture.send(request_to(url)).has_value());
  }

  TEST_CASE("send: an answer cut short is `lost_reply`") {
    std::string text;
    SUBCASE("before its first byte") {}
    SUBCASE("in the status line") { text = "HTTP/1.1 2"; }
    SUBCASE("in the headers") { text = "HTTP/1.1 200 OK\r\nX: y\r\n"; }
    SUBCASE("in a body of known length") { text = answer("whole").substr(0, 42); }
    SUBCASE("in a chunk") { text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"; }
    SUBCASE("before the last chunk") {
      text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
    }
    SUBCASE("after an interim answer") { text = "HTTP/1.1 100 Continue\r\n\r\n"; }
    ScriptedServer server(once(text));
    ClientFixture fixture;
    CHECK(code_of(fixture.send(request_to(server.url(), Method::post))) == Errc::lost_reply);
  }

  TEST_CASE("send: a reset after the request is `lost_reply`") {
    ScriptedServer server([](Link& link, int) {
      link.read_request();
      link.reset();
    });
    ClientFixture fixture;
    CHECK(code_of(fixture.send(request_to(server.url()))) == Errc::lost_reply);
  }

  TEST_CASE("send: an answer that is no HTTP is `protocol`") {
    std::string text;
    SUBCASE("another protocol") { text = "SSH-2.0-OpenSSH_9.2\r\n"; }
    SUBCASE("two lengths") {
      text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
    }
    SUBCASE("a length that is no number") {
      text = "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab";
    }
    SUBCASE("a broken chunk") {
      text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n";
    }
    SUBCASE("interim answers without end") {
      for (int i = 0; i < 100; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    SUBCASE("a change of protocol") { text = "HTTP/1.1 101 Switching Protocols\r\n\r\n"; }
    ScriptedServer server(once(text));
    ClientFixture fixture;
    CHECK(code_of(fixture.send(request_to(server.url()))) == Errc::protocol);
  }

  TEST_CASE("send: an answer over a limit is `too_large`") {
    auto script = once(answer(std::string(1001, 'x')));
    SUBCASE("body with a length") {}
    SUBCASE("body in chunks") {
      script = once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                    std::string(1001, 'x') + "\r\n0\r\n\r\n");
    }
    SUBCASE("body to the end of the connection") {
      script = once("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'));
    }
    SUBCASE("headers without end") {
      script = [](Link& link, int) {
        link.read_request();
        link.write("HTTP/1.1 200 OK\r\n");
        while (link.write("X-Pad: 0123456789012345678901234567890123456789\r\n")) continue;
      };
    }
    SUBCASE("a line without end") {
      script = [](Link& link, int) {
        link.read_request();
        link.write("HTTP/1.1 200 ");
        while (link.write("0123456789012345678901234567890123456789")) continue;
      };
    }
    ScriptedServer server(script);
    ClientFixture fixture;
    auto request = request_to(server.url());
    request.response_bytes_max = 1000;
    CHECK(code_of(fixture.send(request)) == Errc::too_large);
  }

  TEST_CASE("send: a body of just the limit is fine") {
    ScriptedServer server(always(answer(std::string(1000, 'x'))));
    ClientFixture fixture;
    auto request = request_to(server.url());
    request.response_bytes_max = 1000;
    CHECK(fixture.send(request).has_value());
  }

  TEST_CASE("send: an answer that does not end in time is `timeout`, and the connection gone") {
    std::string start;
    SUBCASE("nothing comes") {}
    SUBCASE("the body does not end") { start = answer("whole").substr(0, 40); }
    ScriptedServer server([start](Link& link, int number) {
      while (!link.read_request().empty()) link.write(number == 0 ? start : answer("ok"));
    });
    ClientFixture fixture;
    auto request = request_to(server.url());
    request.timeout = 20ms;
    CHECK(code_of(fixture.send(request)) == Errc::timeout);
    request.timeout = 5s;
    CHECK(fixture.send(request).has_value());
    CHECK(server.connections() == 2);
  }

  TEST_CASE("send: a server that trickles does not stretch the limit") {
    ScriptedServer server([](Link& link, int) {
      link.read_request();
      link.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      while (link.write("x")) std::this_thread::sleep_for(1ms);
    });
    ClientFixture fixture;
    auto request = request_to(server.url());
    request.timeout = 30ms;
    auto const begin = std::chrono::steady_clock::now();
    CHECK(code_of(fixture.send(request)) == Errc::timeout);
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
  }

  TEST_CASE("cancel_all: exchanges and waits end as `cancelled`, and later ones too") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    http::ClientOptions options;
    options.connections_per_host_max = 2;
    ClientFixture fixture(options);
    boost::asio::steady_timer timer(fixture.io, 20ms);
    timer.async_wait([&](boost::system::error_code) { fixture.client.cancel_all(); });
    std::vector<http::Request> const requests(5, request_to(server.url()));
    for (auto& result : fixture.send_all(requests)) CHECK(code_of(result) == Errc::cancelled);
    CHECK(code_of(fixture.send(request_to(server.url()))) == Errc::cancelled);
  }

  TEST_CASE("~Client: exchanges that run end as `cancelled`") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    boost::asio::io_context io;
    auto client = std::make_unique<http::Client>(io.get_executor(), http::ClientOptions());
    boost::asio::steady_timer timer(io, 20ms);
    timer.async_wait([&](boost::system::error_code) { client.reset(); });
    CHECK(code_of(run_on(io, client->send(request_to(server.url())))) == Errc::cancelled);
  }

  TEST_CASE("send: an event loop that is dropped in the middle leaves nothing behind") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    boost::asio::io_context io;
    http::ClientOptions options;
    options.connections_per_host_max = 1;
    http::Client client(io.get_executor(), options);
    for (int i = 0; i < 3; ++i) {
      boost::asio::co_spawn(io, client.send(request_to(server.url())),
                            [](std::exception_ptr, Result<http::Response>) {});
    }
    io.run_for(20ms);
    CHECK(server.requests().size() == 1);
  }
}
