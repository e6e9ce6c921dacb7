// Ctrl-C and SIGTERM: once to end in order, twice to end at once.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "cli/console.hpp"
#include "engine/run/context.hpp"

namespace tenantry::cli {

/// How long running calls may go on after the first signal. A cancelled CI job is killed after 7.5
/// s.
inline constexpr std::chrono::seconds kGracePeriod{5};
/// When the process ends in any case, whatever its threads wait for.
inline constexpr std::chrono::seconds kEndPeriod{7};

/// Listens while the I/O thread runs. First signal: `stop` is set and the stop hooks run; after the
/// grace period the abort hooks run. Second signal, or kEndPeriod after the first: the process ends
/// with 130 at once, and the journal tells the next run what was going on.
class Signals {
 public:
  /// All must outlive this.
  Signals(boost::asio::io_context& io, run::StopFlag& stop, Console& console);
  Signals(Signals const&) = delete;
  Signals& operator=(Signals const&) = delete;
  ~Signals();

  void on_stop(std::function<void()> hook) { stop_hooks_.push_back(std::move(hook)); }
  void on_abort(std::function<void()> hook) { abort_hooks_.push_back(std::move(hook)); }
  /// No longer listens; the hooks are forgotten. The end of the process stays set.
  void close();

 private:
  void listen();
  void first();

  run::StopFlag& stop_;
  Console& console_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer grace_;
  std::vector<std::function<void()>> stop_hooks_;
  std::vector<std::function<void()>> abort_hooks_;
  bool end_is_set_ = false;
};

}  // namespace tenantry::cli
