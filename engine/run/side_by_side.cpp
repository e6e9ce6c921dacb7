#include "engine/run/side_by_side.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "engine/core/concurrency.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kLook{20};  // between two looks for idle calls

class Crew {
 public:
  using Work = std::function<asio::awaitable<void>(std::size_t)>;

  Crew(Clock& clock, SideBySide options, std::size_t count, Work work,
       asio::any_io_executor executor)
      : clock_(clock),
        options_(std::move(options)),
        count_(count),
        work_(std::move(work)),
        group_(std::move(executor)) {}

  asio::awaitable<void> run() {
    auto const steady = std::min(count_, std::max<std::size_t>(options_.tenants, 1));
    for (std::size_t i = 0; i < steady; ++i) group_.spawn(work_on());
    if (options_.idle_calls && steady < count_) group_.spawn(look_for_idle_calls());
    co_await group_.join();
  }

 private:
  asio::awaitable<void> work_on() {
    ++running_;
    while (next_ < count_) co_await work_(next_++);
    --running_;
  }

  asio::awaitable<void> help_once() {
    ++running_;
    if (next_ < count_) co_await work_(next_++);
    --running_;
  }

  asio::awaitable<void> look_for_idle_calls() {
    while (next_ < count_) {
      co_await clock_.sleep(kLook);
      // Half of them at a time: a tenant's first calls take a moment to come.
      auto const wanted = (options_.idle_calls() + 1) / 2;
      auto const room =
          options_.tenants_max > running_ ? options_.tenants_max - running_ : std::size_t{0};
      auto const helpers = std::min({wanted, room, count_ - next_});
      for (std::size_t i = 0; i < helpers; ++i) group_.spawn(help_once());
    }
  }

  Clock& clock_;
  SideBySide options_;
  std::size_t count_;
  Work work_;
  TaskGroup group_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
};

}  // namespace

asio::awaitable<void> side_by_side(Clock& clock, SideBySide options, std::size_t count,
                                   std::function<asio::awaitable<void>(std::size_t)> work) {
  auto const executor = co_await asio::this_coro::executor;
  Crew crew(clock, std::move(options), count, std::move(work), executor);
  co_await crew.run();
}

}  // namespace tenantry::run
