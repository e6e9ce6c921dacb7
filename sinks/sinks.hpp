// The sinks of secrets, all kinds of them behind one door.
#pragma once
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "engine/run/context.hpp"
#include "engine/run/secret_sink.hpp"
#include "providers/http/transport.hpp"
#include "sinks/child_process.hpp"
#include "sinks/vault_sink.hpp"

namespace tenantry::sinks {

/// Dispatches to {file: ...}, {command: [...]} and {vault: {...}}. Files are written and commands
/// run on threads of their own, so that other tenants go on meanwhile.
class Sinks final : public run::SecretSinks {
 public:
  /// `transport` is null in a run without network: then nothing is delivered to Vault, and check()
  /// reads no token. What is passed must outlive the sinks.
  Sinks(config::Configuration const& configuration, http::Transport* transport, Clock& clock,
        Random& random, run::StopFlag const& stop);
  /// Ends running commands and waits for the threads.
  ~Sinks() override;

  Result<void> check(Value const& sink) const override;
  Task<std::string> deliver(Value sink, run::Delivery delivery) override;
  /// The second Ctrl-C, or the grace period is over: running commands are killed.
  void abort() { interrupt_.request(); }

 private:
  config::Configuration const& configuration_;
  std::optional<VaultSink> vault_;
  Interrupt interrupt_;
  boost::asio::thread_pool threads_;
};

}  // namespace tenantry::sinks
