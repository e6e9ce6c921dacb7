#include "engine/run/side_by_side.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "tests/support/fake_clock.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

struct Fixture {
  /// A tenant takes so many turns of the event loop, longer than a look for idle calls.
  void work_on(std::size_t count, SideBySide options, int turns = 20) {
    auto const one = [this, turns](std::size_t index) -> asio::awaitable<void> {
      begun.push_back(index);
      most = std::max(most, ++now);
      for (int i = 0; i < turns; ++i) co_await asio::post(asio::use_awaitable);
      --now;
    };
    asio::co_spawn(io, side_by_side(clock, std::move(options), count, one), asio::detached);
    io.run();
  }
  bool each_once_in_order(std::size_t count) const {
    std::vector<std::size_t> expected(count);
    for (std::size_t i = 0; i < count; ++i) expected[i] = i;
    return begun == expected && now == 0;
  }

  test::FakeClock clock;
  asio::io_context io;
  std::vector<std::size_t> begun;
  std::size_t now = 0, most = 0;
};

}  // namespace

TEST_SUITE("side by side") {
  TEST_CASE("every tenant is worked on once, so many at a time") {
    Fixture f;
    f.work_on(50, {.tenants = 8});
    CHECK(f.each_once_in_order(50));
    CHECK(f.most == 8);
  }

  TEST_CASE("fewer tenants than may be worked on, or none, is no problem") {
    Fixture f;
    f.work_on(3, {.tenants = 8, .idle_calls = [] { return std::size_t{8}; }});
    CHECK(f.each_once_in_order(3));
    Fixture none;
    none.work_on(0, {.tenants = 8});
    CHECK(none.begun.empty());
  }

  TEST_CASE("while calls are idle further tenants are begun, up to a bound") {
    Fixture f;
    auto const always = [] { return std::size_t{8}; };
    f.work_on(200, {.tenants = 8, .idle_calls = always, .tenants_max = 40});
    CHECK(f.each_once_in_order(200));
    CHECK(f.most == 40);
  }

  TEST_CASE("while all calls are in flight no further tenant is begun") {
    Fixture f;
    auto const never = [] { return std::size_t{0}; };
    f.work_on(200, {.tenants = 8, .idle_calls = never});
    CHECK(f.each_once_in_order(200));
    CHECK(f.most == 8);
  }
}
}  // namespace tenantry::run
