#include "engine/core/concurrency.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace tenantry {
namespace asio = boost::asio;

Semaphore::Permit& Semaphore::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
  }
  return *this;
}

void Semaphore::Permit::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->give_back();
}

asio::awaitable<Semaphore::Permit> Semaphore::acquire() {
  if (free_ > 0) {
    --free_;
    co_return Permit(*this);
  }
  auto const turn =
      std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
  waiting_.push_back(turn);
  auto [ec] = co_await turn->async_wait(asio::as_tuple(asio::use_awaitable));
  (void)ec;  // woken by give_back, which hands its permit over
  co_return Permit(*this);
}

void Semaphore::give_back() {
  if (waiting_.empty()) {
    ++free_;
    return;
  }
  auto const next = waiting_.front();
  waiting_.pop_front();
  next->cancel();
}

void TaskGroup::spawn(asio::awaitable<void> task) {
  ++running_;
  asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr failure) {
    if (failure && !failure_) failure_ = failure;
    if (--running_ == 0) ended_.cancel();
  });
}

asio::awaitable<void> TaskGroup::join() {
  while (running_ > 0) {
    auto [ec] = co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)ec;  // cancelled is how the last task wakes us
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace tenantry
