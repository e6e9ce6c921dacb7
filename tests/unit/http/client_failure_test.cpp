// The client over plain connections: what goes wrong, and what it is called.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "client_fixture.hpp"

using namespace tenantry;
using namespace tenantry::test;
using namespace std::chrono_literals;
using http::Method;
using Link = ScriptedServer::Link;

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

  TEST_CASE("send: a name that does not exist is `unknown_host`") {
    ClientFixture fixture;
    auto const response = fixture.send(request_to("http://nowhere.invalid:1"));
    CHECK(code_of(response) == Errc::unknown_host);
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

  TEST_CASE("cancel_all: what has left ends as a lost reply, waits and later ones as `cancelled`") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    http::ClientOptions options;
    options.connections_per_host_max = 2;
    ClientFixture fixture(options);
    boost::asio::steady_timer timer(fixture.io, 20ms);
    timer.async_wait([&](boost::system::error_code) { fixture.client.cancel_all(); });
    std::vector<http::Request> const requests(5, request_to(server.url()));
    auto const results = fixture.send_all(requests);
    auto const of = [&](Errc code) {
      return std::ranges::count_if(results, [&](auto const& r) { return code_of(r) == code; });
    };
    CHECK(of(Errc::lost_reply) == 2);  // two connections, so two that the server has read
    CHECK(of(Errc::cancelled) == 3);
    CHECK(code_of(fixture.send(request_to(server.url()))) == Errc::cancelled);
  }

  TEST_CASE("send: a cancelled coroutine ends with an error, without an exception") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    http::ClientOptions options;
    options.connections_per_host_max = 1;
    ClientFixture fixture(options);
    std::vector<boost::asio::cancellation_signal> signals(3);  // one exchange, two waits
    std::vector<Errc> codes;
    for (auto& signal : signals) {
      boost::asio::co_spawn(
          fixture.io, fixture.client.send(request_to(server.url())),
          boost::asio::bind_cancellation_slot(
              signal.slot(), [&](std::exception_ptr thrown, Result<http::Response> result) {
                CHECK_FALSE(thrown);
                codes.push_back(code_of(result));
              }));
    }
    while (server.requests().empty()) fixture.io.run_for(1ms);
    for (auto& signal : signals) signal.emit(boost::asio::cancellation_type::terminal);
    fixture.io.run();
    CHECK(std::ranges::count(codes, Errc::lost_reply) == 1);
    CHECK(std::ranges::count(codes, Errc::cancelled) == 2);
  }

  TEST_CASE("~Client: exchanges that run end as a lost reply") {
    ScriptedServer server([](Link& link, int) {
      while (!link.read_request().empty()) continue;
    });
    boost::asio::io_context io;
    auto client = std::make_unique<http::Client>(io.get_executor(), http::ClientOptions());
    boost::asio::steady_timer timer(io, 20ms);
    timer.async_wait([&](boost::system::error_code) { client.reset(); });
    CHECK(code_of(run_on(io, client->send(request_to(server.url())))) == Errc::lost_reply);
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
    while (server.requests().empty()) io.run_for(1ms);
    CHECK(server.requests().size() == 1);
  }
}
