// Calls something again and again while a run goes on.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace tenantry::cli {

/// Calls `tick` every quarter of a second on the I/O thread until it is destroyed. An empty `tick`
/// is never called.
class Ticker {
 public:
  Ticker(boost::asio::io_context& io, std::function<void()> tick) {
    if (!tick) return;
    timer_ = std::make_shared<boost::asio::steady_timer>(io);
    wait(timer_, std::make_shared<std::function<void()>>(std::move(tick)));
  }
  ~Ticker() {
    if (timer_) timer_->cancel();
  }

  Ticker(Ticker const&) = delete;
  Ticker& operator=(Ticker const&) = delete;

 private:
  static constexpr std::chrono::milliseconds kInterval{250};
  using Timer = std::shared_ptr<boost::asio::steady_timer>;

  static void wait(std::weak_ptr<boost::asio::steady_timer> const& weak,
                   std::shared_ptr<std::function<void()>> tick) {
    auto const timer = weak.lock();
    timer->expires_after(kInterval);
    timer->async_wait([weak, tick = std::move(tick)](boost::system::error_code const& failure) {
      // A timer that is gone may have run out before it went.
      if (failure || weak.expired()) return;
      (*tick)();
      wait(weak, tick);
    });
  }

  Timer timer_;
};

}  // namespace tenantry::cli
