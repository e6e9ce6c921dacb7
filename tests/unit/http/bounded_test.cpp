#include "providers/http/bounded.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::http {
namespace {

/// Takes a few turns of the event loop for each exchange and counts those that run at once.
class SlowTransport final : public Transport {
 public:
  Task<Response> send(Request) override {
    most = std::max(most, ++now);
    for (int i = 0; i < 3; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
    --now;
    ++done;
    co_return Response{};
  }
  void cancel_all() override {}
  int now = 0, most = 0, done = 0;
};

}  // namespace

TEST_SUITE("bounded") {
  TEST_CASE("send: no more exchanges than allowed run at once, and all get their turn") {
    boost::asio::io_context io;
    SlowTransport slow;
    BoundedTransport bounded(slow, io.get_executor(), 4);
    for (int i = 0; i < 50; ++i) {
      boost::asio::co_spawn(io, bounded.send(Request()), boost::asio::detached);
    }
    io.run();
    CHECK(slow.most == 4);
    CHECK(slow.done == 50);
    CHECK(bounded.idle() == 4);
  }

  TEST_CASE("send: hosts get their turns alike, however much one of them has to send") {
    boost::asio::io_context io;
    SlowTransport slow;
    BoundedTransport bounded(slow, io.get_executor(), 2);
    Request big, small;
    big.host = "big.eu.qlikcloud.com";
    small.host = "small.eu.qlikcloud.com";
    int done_before_small = -1;
    for (int i = 0; i < 100; ++i) {
      boost::asio::co_spawn(io, bounded.send(big), boost::asio::detached);
    }
    boost::asio::co_spawn(io, bounded.send(small), [&](std::exception_ptr, Result<Response>) {
      done_before_small = slow.done;
    });
    io.run();
    CHECK(slow.done == 101);
    CHECK(done_before_small < 10);
  }
}
}  // namespace tenantry::http
