#include "providers/http/fair_share.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <vector>

namespace tenantry::http {
namespace asio = boost::asio;
namespace {

struct Fixture {
  explicit Fixture(std::size_t places) : share(io.get_executor(), places) {}

  /// Holds a place for `turns` of the event loop; 0: until release() of the party.
  asio::awaitable<void> use(std::string party, int turns) {
    auto const place = co_await share.acquire(party);
    if (!place) co_return;
    order.push_back(party);
    most[party] = std::max(most[party], ++held[party]);
    for (int i = 0; i < turns; ++i) co_await asio::post(asio::use_awaitable);
    --held[party];
  }
  void spawn(std::string party, int count, int turns = 3) {
    for (int i = 0; i < count; ++i) asio::co_spawn(io, use(party, turns), asio::detached);
  }
  /// How many of the first `length` places went to `party`.
  auto among_first(std::size_t length, std::string const& party) const {
    return std::ranges::count(std::span(order).first(length), party);
  }

  asio::io_context io;
  FairShare share;
  std::vector<std::string> order;
  std::map<std::string, int> held, most;
};

}  // namespace

TEST_SUITE("fair share") {
  TEST_CASE("acquire: a party alone gets all places") {
    Fixture f(4);
    f.spawn("acme", 20);
    f.io.run();
    CHECK(f.most["acme"] == 4);
    CHECK(f.order.size() == 20);
    CHECK(f.share.idle() == 4);
  }

  TEST_CASE("acquire: 2,000 wishes of one party do not hold up 50 small ones") {
    Fixture f(8);
    f.spawn("big", 2000);
    for (int i = 0; i < 50; ++i) f.spawn("small " + std::to_string(i), 4);
    f.io.run();
    REQUIRE(f.order.size() == 2200);
    // First come, first served would have given the first 2,000 places to the big one.
    CHECK(f.among_first(220, "big") <= 20);
  }

  TEST_CASE("acquire: whoever holds the fewest places comes first, however slow the others are") {
    Fixture f(4);
    f.spawn("slow", 8, 100);
    f.spawn("fast", 200, 1);
    f.io.run();
    // The slow one has taken all places before the other came, and gets no more than half again.
    CHECK(f.most["fast"] >= 2);
    CHECK(f.among_first(100, "fast") >= 90);
  }

  TEST_CASE("acquire: equals take turns, and each is served in the order of its wishes") {
    Fixture f(1);
    for (int i = 0; i < 3; ++i) {
      f.spawn("a", 1);
      f.spawn("b", 1);
    }
    f.io.run();
    CHECK(f.order == std::vector<std::string>{"a", "b", "a", "b", "a", "b"});
  }

  TEST_CASE("acquire: cancelled while it waits, it gets nothing and takes nothing from others") {
    Fixture f(1);
    f.spawn("a", 1, 10);
    asio::cancellation_signal cancel;
    bool granted = true;
    asio::co_spawn(
        f.io,
        [&]() -> asio::awaitable<void> {
          auto const place = co_await f.share.acquire("b");
          granted = static_cast<bool>(place);
        },
        asio::bind_cancellation_slot(cancel.slot(), asio::detached));
    asio::post(f.io, [&] { cancel.emit(asio::cancellation_type::terminal); });
    f.spawn("c", 1);
    f.io.run();
    CHECK_FALSE(granted);
    CHECK(f.order == std::vector<std::string>{"a", "c"});
    CHECK(f.share.idle() == 1);
  }

  TEST_CASE("idle: none while anybody waits") {
    Fixture f(2);
    f.spawn("a", 3, 2);
    f.io.run_one();
    CHECK(f.share.idle() == 1);
    f.io.run_one();
    f.io.run_one();
    CHECK(f.share.idle() == 0);
    f.io.run();
    CHECK(f.share.idle() == 2);
  }
}
}  // namespace tenantry::http
