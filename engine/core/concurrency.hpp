// Waiting for turns and for ends, on the one I/O thread.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <memory>

namespace tenantry {

/// At most so many at a time, first come, first served. Must outlive its permits.
class Semaphore {
 public:
  Semaphore(boost::asio::any_io_executor executor, std::size_t permits)
      : executor_(std::move(executor)), free_(permits) {}

  /// Given back when destroyed.
  class Permit {
   public:
    Permit() = default;
    explicit Permit(Semaphore& owner) : owner_(&owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept;
    ~Permit() { release(); }

   private:
    void release();
    Semaphore* owner_ = nullptr;
  };

  boost::asio::awaitable<Permit> acquire();

 private:
  void give_back();

  boost::asio::any_io_executor executor_;
  std::size_t free_;
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

/// Coroutines that run side by side until all have ended. Must outlive them, so join() it.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor)
      : executor_(executor), ended_(executor, boost::asio::steady_timer::time_point::max()) {}

  void spawn(boost::asio::awaitable<void> task);
  /// Returns when none is left. The first exception of a task is thrown here.
  boost::asio::awaitable<void> join();

 private:
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer ended_;
  std::size_t running_ = 0;
  std::exception_ptr failure_;
};

}  // namespace tenantry
