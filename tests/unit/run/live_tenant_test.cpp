#include "engine/run/live_tenant.hpp"

#include <doctest/doctest.h>

namespace tenantry::run {

TEST_SUITE("live_tenant") {
  TEST_CASE("lists_may_lag: behind rows that are young, by clocks that differ by minutes") {
    using namespace std::chrono_literals;
    auto const now = parse_time("2026-03-01T12:00:00Z").value();
    CHECK(lists_may_lag("2026-03-01T11:59:55Z", now, 10s));
    CHECK(lists_may_lag("2026-03-01T11:56:00Z", now,
                        10s));  // of a runner that is four minutes behind
    CHECK(lists_may_lag("2026-03-01T12:30:00Z", now, 10s));  // of one that is ahead
    CHECK_FALSE(lists_may_lag("2026-03-01T11:54:00Z", now, 10s));
    CHECK_FALSE(lists_may_lag("", now, 10s));
  }
}

}  // namespace tenantry::run
