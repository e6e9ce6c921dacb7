// Times of answers: RFC 3339, and the Date header of HTTP.
#include "engine/core/clock.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void time(std::string_view input) {
  auto const moment = parse_time(input);
  if (moment) {
    ensure(is_plain(format_time(*moment)), "a time is written in visible characters");
    auto const again = parse_time(format_time_millis(*moment));
    ensure(again.has_value() && *again == *moment, "a time is read as it was written");
  }
  auto const date = parse_http_date(input);
  if (date) {
    auto const again = parse_http_date(format_http_date(*date));
    ensure(again.has_value() && *again == *date, "an HTTP date is read as it was written");
  }
}

}  // namespace tenantry::fuzz
