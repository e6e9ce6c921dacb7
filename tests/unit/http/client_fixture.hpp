// A client on an event loop of its own, for the tests of the client.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "providers/http/client.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_server.hpp"

namespace tenantry::test {

struct ClientFixture {
  explicit ClientFixture(http::ClientOptions options = {})
      : client(io.get_executor(), std::move(options)) {}

  Result<http::Response> send(http::Request request) {
    return run_on(io, client.send(std::move(request)));
  }
  /// All at once, in this order; their results in the same order.
  std::vector<Result<http::Response>> send_all(std::vector<http::Request> requests) {
    std::vector<Result<http::Response>> results(requests.size());
    io.restart();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      boost::asio::co_spawn(io, client.send(std::move(requests[i])),
                            [&results, i](std::exception_ptr, Result<http::Response> result) {
                              results[i] = std::move(result);
                            });
    }
    io.run();
    return results;
  }

  boost::asio::io_context io;
  http::Client client;
};

inline http::Request request_to(std::string endpoint, http::Method method = http::Method::get,
                                std::string target = "/api/v1/things") {
  http::Request request;
  request.method = method;
  request.host = "acme.eu.example.com";
  request.target = std::move(target);
  request.route.endpoint = std::move(endpoint);
  request.timeout = std::chrono::seconds(5);
  return request;
}

/// Waits for another thread to get there.
inline void wait_until(std::function<bool()> const& there) {
  constexpr int kTurnsMax = 10'000;
  for (int turn = 0; turn < kTurnsMax && !there(); ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  REQUIRE(there());
}

/// The code of a failure; a success fails the test.
inline Errc code_of(Result<http::Response> const& result) {
  REQUIRE(result.has_error());
  return result.error().code;
}

/// Answers every request of a connection with `text`.
inline ScriptedServer::Script always(std::string text) {
  return [text = std::move(text)](ScriptedServer::Link& link, int) {
    while (!link.read_request().empty()) link.write(text);
  };
}

/// Answers the first request of each connection with `text` and closes.
inline ScriptedServer::Script once(std::string text) {
  return [text = std::move(text)](ScriptedServer::Link& link, int) {
    if (!link.read_request().empty()) link.write(text);
  };
}

}  // namespace tenantry::test
