#include "providers/http/sleep.hpp"

#include <boost/asio/this_coro.hpp>

namespace tenantry::http {
namespace asio = boost::asio;

asio::awaitable<bool> sleep_unless(Clock& clock, std::chrono::nanoseconds wait,
                                   std::function<bool()> stopping) {
  auto const end = clock.steady() + wait;
  for (;;) {
    if (stopping && stopping()) co_return false;
    std::chrono::nanoseconds const left = end - clock.steady();
    if (left <= std::chrono::nanoseconds::zero()) co_return true;
    co_await clock.sleep(std::min<std::chrono::nanoseconds>(left, kStopDelay));
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
  }
}

}  // namespace tenantry::http
