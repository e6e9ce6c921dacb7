// What locks promise in either backend.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/unit/state/backend.hpp"

namespace tenantry::state {
namespace {
using namespace std::chrono_literals;

TEST_SUITE("locks") {
  TEST_CASE("a tenant is locked once, by whichever store of the process") {
    Backend f;
    auto const one = f.open();
    auto const two = f.open();
    auto lock = f.get(one->lock("acme", owner_of(), 0ms));
    for (auto* const store : {one.get(), two.get()}) {
      auto const refused = f.run(store->lock("acme", owner_of(), 0ms));
      REQUIRE(!refused.has_value());
      CHECK(refused.error().code == Errc::locked);
      CHECK(refused.error().message ==
            fmt::format("acme is locked by tenantry apply on build-7 (pid {}) since "
                        "2026-03-01T12:00:00Z, https://ci.example/1",
                        ::getpid()));
      CHECK(refused.error().hint.starts_with("wait for it with --lock-timeout"));
    }
    CHECK(f.clock.slept.empty());
    auto const other = f.get(two->lock("globex", owner_of(), 0ms));
    lock.reset();
    settle(f, *one);
    CHECK(f.run(two->lock("acme", owner_of(), 0ms)).has_value());
    settle(f, *two);
    CHECK(f.run(one->lock("acme", owner_of(), 0ms)).has_value());
  }

  TEST_CASE("waits up to the timeout, asking less and less often") {
    Backend f;
    auto const one = f.open();
    auto const two = f.open();
    auto const lock = f.get(one->lock("acme", owner_of(), 0ms));
    auto const start = f.clock.steady();
    auto const refused = f.run(two->lock("acme", owner_of(), 10s));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::locked);
    CHECK(f.clock.steady() - start == 10s);
    CHECK(f.clock.slept.front() == 20ms);
    CHECK(std::ranges::max(f.clock.slept) == 1s);
  }

  TEST_CASE("gets the lock when it comes free while waiting, however long the timeout") {
    Backend f;
    auto const one = f.open();
    auto const two = f.open();
    auto lock = f.get(one->lock("acme", owner_of(), 0ms));
    std::optional<bool> got;
    boost::asio::co_spawn(f.io, two->lock("acme", owner_of(), std::chrono::milliseconds::max()),
                          [&](std::exception_ptr, auto result) { got = result.has_value(); });
    f.io.restart();
    while (f.clock.slept.size() < 3) f.io.run_one();
    CHECK(!got);
    lock.reset();
    f.io.run();
    CHECK(got == true);
  }

  TEST_CASE("a lock outlives its store") {
    Backend f;
    auto one = f.open();
    auto const lock = f.get(one->lock("acme", owner_of(), 0ms));
    one.reset();
    auto const refused = f.run(f.open()->lock("acme", owner_of(), 0ms));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::locked);
  }
}

}  // namespace
}  // namespace tenantry::state
