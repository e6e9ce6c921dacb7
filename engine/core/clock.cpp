#include "engine/core/clock.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

namespace tenantry {
namespace asio = boost::asio;
using namespace std::chrono;

WallTime SystemClock::wall() const { return system_clock::now(); }
SteadyTime SystemClock::steady() const { return steady_clock::now(); }

asio::awaitable<void> SystemClock::sleep(nanoseconds wait) {
  if (wait <= nanoseconds::zero()) co_return;
  auto const executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, wait);
  auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  (void)ec;  // cancelled: the caller looks at its stop flag
}

namespace {

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second, milli;
  unsigned weekday;
};

Civil civil(WallTime time) {
  auto const whole = floor<milliseconds>(time);
  auto const day = floor<days>(whole);
  year_month_day const date(day);
  hh_mm_ss const clock(whole - day);
  return {int(date.year()),
          unsigned(date.month()),
          unsigned(date.day()),
          int(clock.hours().count()),
          int(clock.minutes().count()),
          int(clock.seconds().count()),
          int(clock.subseconds().count()),
          weekday(day).c_encoding()};
}

constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads exactly `count` digits at `at`; -1 when they are not all digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  auto const* const first = text.data() + at;
  auto const [end, ec] = std::from_chars(first, first + count, value);
  return ec == std::errc() && end == first + count && *first != '-' ? value : -1;
}

/// Years that a WallTime, which counts nanoseconds, holds from their first day to their last.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;

Result<WallTime> from_parts(int y, int mo, int d, int h, int mi, int s, std::string_view text) {
  year_month_day const date{year{y}, month{unsigned(mo)}, day{unsigned(d)}};
  if (y < kYearMin || y > kYearMax || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 ||
      s < 0 || s > 60 || !date.ok()) {
    return Error(Errc::invalid, fmt::format("\"{}\" is not a time", text));
  }
  return WallTime(sys_days(date) + hours(h) + minutes(mi) + seconds(s));
}

}  // namespace

std::string format_time(WallTime time) {
  auto const c = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}

std::string format_time_millis(WallTime time) {
  auto const c = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.milli);
}

Result<WallTime> parse_time(std::string_view text) {
  Error const wrong(Errc::invalid, fmt::format("\"{}\" is not a time", text),
                    "write it like 2026-03-01T12:00:00Z");
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':') {
    return wrong;
  }
  auto base = from_parts(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2),
                         digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2), text);
  if (!base) return wrong;
  std::size_t at = 19;
  int milli = 0;
  if (text[at] == '.') {
    int scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      milli += (text[at] - '0') * scale;
      scale /= 10;
    }
  }
  auto const zone = text.substr(at);
  auto time = *base + milliseconds(milli);
  if (zone == "Z" || zone == "z") return time;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return wrong;
  auto const offset_hours = digits(zone, 1, 2);
  auto const offset_minutes = digits(zone, 4, 2);
  if (offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 || offset_minutes > 59)
    return wrong;
  auto const offset = hours(offset_hours) + minutes(offset_minutes);
  return zone[0] == '+' ? time - offset : time + offset;
}

Result<WallTime> parse_http_date(std::string_view text) {
  Error const wrong(Errc::invalid, fmt::format("\"{}\" is not an HTTP date", text));
  if (text.size() != 29 || text.substr(25) != " GMT") return wrong;
  auto const month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return wrong;
  return from_parts(digits(text, 12, 4), int(month - kMonths.begin()) + 1, digits(text, 5, 2),
                    digits(text, 17, 2), digits(text, 20, 2), digits(text, 23, 2), text);
}

std::string format_http_date(WallTime time) {
  auto const c = civil(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[c.weekday], c.day,
                     kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

std::string format_duration(milliseconds duration) {
  auto const total = duration_cast<seconds>(duration).count();
  if (duration < seconds(1)) return fmt::format("{} ms", duration.count());
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) {
    return total % 60 ? fmt::format("{} min {} s", total / 60, total % 60)
                      : fmt::format("{} min", total / 60);
  }
  auto const min = total % 3600 / 60;
  return min ? fmt::format("{} h {} min", total / 3600, min) : fmt::format("{} h", total / 3600);
}

}  // namespace tenantry
