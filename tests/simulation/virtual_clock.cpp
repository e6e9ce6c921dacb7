#include "tests/simulation/virtual_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::simulation {
namespace asio = boost::asio;
using namespace std::chrono;

WallTime VirtualClock::wall() const {
  constexpr WallTime kBirth{sys_days(year(2026) / 3 / 1)};
  return kBirth + duration_cast<WallTime::duration>(elapsed());
}

asio::awaitable<void> VirtualClock::sleep(nanoseconds wait) {
  if (wait <= nanoseconds::zero()) co_return;
  auto const executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  struct Entry {  // leaves the list with its coroutine, however that ends
    std::map<Turn, asio::steady_timer*>& sleepers;
    Turn turn;
    ~Entry() { sleepers.erase(turn); }
  };
  Turn const turn{now_ + wait, next_++};
  sleepers_.emplace(turn, &timer);
  Entry const entry{sleepers_, turn};
  auto [woken] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  (void)woken;
}

bool VirtualClock::wake_next() {
  if (sleepers_.empty()) return false;
  auto const first = sleepers_.begin();
  now_ = std::max(now_, first->first.first);
  auto* const timer = first->second;
  sleepers_.erase(first);
  timer->cancel();
  return true;
}

}  // namespace tenantry::simulation
