// Where secrets are delivered to: a vault that outlives the processes.
#pragma once
#include "engine/run/secret_sink.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/fault_rates.hpp"
#include "tests/simulation/lifeline.hpp"
#include "tests/simulation/simulated_disk.hpp"

namespace tenantry::simulation {

class SimulatedSinks final : public run::SecretSinks {
 public:
  /// All must outlive the sinks.
  SimulatedSinks(Vault& vault, VirtualClock& clock, Dice& dice, FaultRates const& rates,
                 Lifeline& lifeline, Trace& trace)
      : vault_(vault),
        clock_(clock),
        dice_(dice),
        rates_(rates),
        lifeline_(lifeline),
        trace_(trace) {}

  Result<void> check(Value const& sink) const override;
  Task<std::string> deliver(Value sink, run::Delivery delivery) override;

 private:
  Vault& vault_;
  VirtualClock& clock_;
  Dice& dice_;
  FaultRates const& rates_;
  Lifeline& lifeline_;
  Trace& trace_;
};

}  // namespace tenantry::simulation
