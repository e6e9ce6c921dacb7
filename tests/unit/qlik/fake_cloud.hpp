// A transport that answers by functions, and remembers what it was asked.
#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/random.hpp"
#include "providers/http/transport.hpp"
#include "providers/qlik/platform.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"

namespace tenantry::test {

inline http::Response json_response(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

/// Token requests get "token-1", "token-2" and so on, unless `on_token` is set; all others what
/// `on_call` says.
class FakeCloud final : public http::Transport {
 public:
  using Answer = std::function<Result<http::Response>(http::Request const&)>;
  Answer on_token;
  Answer on_call = [](http::Request const&) { return json_response(200, "{}"); };
  /// How many turns of the event loop the answer takes.
  std::function<int(http::Request const&)> turns = [](http::Request const&) { return 1; };
  std::vector<http::Request> tokens;
  std::vector<http::Request> calls;
  bool cancelled = false;

  Task<http::Response> send(http::Request request) override {
    auto const executor = co_await boost::asio::this_coro::executor;
    bool const is_token = request.target == "/oauth/token";
    auto& seen = is_token ? tokens : calls;
    seen.push_back(request);
    auto const issued = tokens.size();
    // Others run while this one is under way.
    for (int turn = turns(request); turn > 0; --turn) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    if (!is_token) co_return on_call(request);
    if (on_token) co_return on_token(request);
    co_return json_response(200, R"({"token_type": "bearer", "expires_in": 21600,
                                     "access_token": "token-)" +
                                     std::to_string(issued) + R"("})");
  }
  void cancel_all() override { cancelled = true; }
};

inline Credential client(std::string id, std::string secret) {
  return {Secret(std::move(id)), Secret(std::move(secret)), Secret()};
}

/// A platform with the region eu and an organization, over a FakeCloud.
struct CloudFixture {
  FakeCloud cloud;
  FakeClock clock;
  SeededRandom random{1};
  std::unique_ptr<Platform> platform = make_platform(access(), cloud, clock, random);
  Session& acme = platform->tenant("eu", "acme.eu.qlikcloud.com");

  static PlatformAccess access() {
    PlatformAccess all;
    all.regions["eu"] = {"eu", client("oem-eu", "s3cret"), "http://127.0.0.1:1", "", true};
    all.regions["us"] = {"us", client("oem-us", "s3cret"), "", "", false};
    all.organization = {client("org", "s3cret"), "sub", "", "", true};
    return all;
  }

  Result<Reply> get(std::string path) {
    Call call{.path = std::move(path)};
    return run(acme.call(std::move(call)));
  }
  Result<Reply> send(Call call) { return run(acme.call(std::move(call))); }
  /// Answers calls in this order; a call too many is an internal error.
  void script(std::deque<Result<http::Response>> answers) {
    cloud.on_call = [rest = std::move(answers)](http::Request const&) mutable {
      if (rest.empty()) {
        return Result<http::Response>(Error(Errc::internal, "more calls than scripted"));
      }
      auto answer = std::move(rest.front());
      rest.pop_front();
      return answer;
    };
  }
};

}  // namespace tenantry::test
