// All that a run needs from outside, put together in one place.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "cli/emulated.hpp"
#include "cli/invocation.hpp"
#include "cli/run_loop.hpp"
#include "cli/signals.hpp"
#include "cli/ticker.hpp"
#include "engine/run/context.hpp"
#include "providers/http/bounded.hpp"
#include "providers/http/client.hpp"
#include "sinks/sinks.hpp"
#include "state/location.hpp"

namespace tenantry::cli {

enum class Network { used, unused };

struct RunRequest {
  std::shared_ptr<config::Configuration const> configuration;
  config::Target target = config::Target::qlik_cloud;
  Network network = Network::used;  ///< unused: no credential is read, no emulator started
  state::OpenMode state_mode = state::OpenMode::create_if_missing;
  /// True for what writes only to settle what an earlier run left open: a user without the right to
  /// write the state may do all the rest.
  bool mostly_reads = false;
  /// True for what looks at Qlik Cloud alone: it gets an empty state, which ends with it.
  bool scratch_state = false;
  std::set<std::string> regions =
      {};                    ///< of the emulator, besides those of configuration and state
  run::Selection selection;  ///< whose credentials are needed
  std::chrono::milliseconds lock_timeout{0};
  std::size_t calls_max = 64;  ///< in flight over all hosts: --parallelism
};

/// The I/O thread with everything on it: state, connections, signals. Made, used, and ended by the
/// one thread of a command.
class RunEnvironment {
 public:
  /// Errors: those of the state, of the emulator, and invalid after every missing credential was
  /// printed. `observer` and `invocation` must outlive the environment.
  static Result<std::unique_ptr<RunEnvironment>> open(Invocation& invocation, RunRequest request,
                                                      run::Observer& observer);
  ~RunEnvironment();

  run::Context& context() { return *context_; }
  state::Store& store() { return *store_; }
  Signals& signals() { return *signals_; }
  boost::asio::any_io_executor executor() { return io_.get_executor(); }
  /// Calls to Qlik Cloud so far.
  std::size_t calls() const { return platform_->calls(); }
  /// Calls that could be in flight right now besides those that are.
  std::size_t idle_calls() const { return transport_->idle(); }

  /// `tick` is called several times a second while a task runs. What it uses must outlive them.
  void on_tick(std::function<void()> tick) { tick_ = std::move(tick); }

  /// Runs `task` to its end. What fails after a signal is cancelled, whatever else it says.
  template <class T>
  Result<T> run(Task<T> task) {
    Ticker const ticker(io_, tick_);
    auto result = run_on(io_, std::move(task));
    if (result || !context_->stop.requested()) return result;
    auto error = result.error();
    error.code = Errc::cancelled;
    return error;
  }

  RunEnvironment(RunEnvironment const&) = delete;
  RunEnvironment& operator=(RunEnvironment const&) = delete;

 private:
  RunEnvironment() = default;

  Result<void> open_state(Invocation& invocation, RunRequest const& request);
  /// Read before a state is made: a run without credentials leaves nothing behind.
  Result<PlatformAccess> access(Invocation& invocation, RunRequest const& request);
  /// Of the configuration and of the state.
  Result<std::set<std::string>> regions();
  Result<state::StateLocation> make_scratch();

  // In the order of construction: what stands below uses what stands above.
  boost::asio::io_context io_{1};
  std::shared_ptr<config::Configuration const> configuration_;
  run::StopFlag stop_;
  std::shared_ptr<state::StopDeadline> state_deadline_ = std::make_shared<state::StopDeadline>();
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<EmulatedCloud> emulated_;
  std::filesystem::path scratch_;  ///< folder of a state that ends with the run; may be empty
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<http::BoundedTransport> transport_;
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<sinks::Sinks> sinks_;
  std::optional<run::Context> context_;
  std::function<void()> tick_;
};

}  // namespace tenantry::cli
