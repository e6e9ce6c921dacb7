#include "engine/core/clock.hpp"

#include <doctest/doctest.h>

namespace tenantry {
TEST_SUITE("clock") {
  TEST_CASE("parse_time: reads what format_time_millis writes, from the first year to the last") {
    for (auto const* text :
         {"1678-01-01T00:00:00.000Z", "2026-03-01T12:00:00.123Z", "2261-12-31T23:59:59.999Z"}) {
      CAPTURE(text);
      auto const time = parse_time(text);
      REQUIRE(time.has_value());
      CHECK(format_time_millis(*time) == text);
    }
    CHECK(format_time(*parse_time("2026-03-01T01:00:00+02:00")) == "2026-02-28T23:00:00Z");
  }

  TEST_CASE("parse_time: refuses what is no time, and years that a WallTime cannot hold") {
    for (auto const* text :
         {"", "2026-03-01", "2026-13-01T12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T24:00:00Z",
          "1677-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_time(text).has_value());
    }
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").has_value());
    CHECK_FALSE(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT").has_value());
  }
}
}  // namespace tenantry
