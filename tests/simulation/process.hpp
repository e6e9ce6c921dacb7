// One process: `tenantry apply` from its start to its end, whichever way it ends.
#pragma once
#include <functional>
#include <optional>

#include "engine/run/applier.hpp"
#include "engine/run/planner.hpp"
#include "tests/simulation/fault_rates.hpp"
#include "tests/simulation/installation.hpp"
#include "tests/simulation/lifeline.hpp"
#include "tests/simulation/simulated_store.hpp"

namespace tenantry::simulation {

struct ProcessOptions {
  FaultRates rates = {};
  Lifeline::End end = Lifeline::End::none;
  std::uint64_t end_after = 0;  ///< steps
  bool as_saved_plan = false;   ///< planned without keeping locks, and verified before each call
  std::chrono::seconds clock_ahead{0};        ///< of the runner, against the cloud's
  std::chrono::milliseconds lock_timeout{0};  ///< how long it waits for another process
  std::chrono::milliseconds begins_after{0};
  Plant plant = Plant::none;
};

/// How a process ended. No plan: it got none.
struct ProcessEnd {
  Lifeline::End how = Lifeline::End::none;
  std::optional<plans::Plan> plan;
  std::optional<run::ApplyReport> report;
  std::vector<Address> done;  ///< changes
  std::optional<Error> error;
};

/// Calls `visit` for each tenant of `plan`, with its changes.
void each_tenant(plans::Plan const& plan,
                 std::function<void(plans::TenantPlan const&)> const& visit);

/// Plans and applies. Throws std::runtime_error where the process waits for nothing, or for ever.
ProcessEnd apply(Installation& installation, config::Configuration const& configuration,
                 ProcessOptions const& options);

/// Several processes at once on one state, each as apply() does it.
std::vector<ProcessEnd> apply_at_once(Installation& installation,
                                      config::Configuration const& configuration,
                                      std::vector<ProcessOptions> const& options);

/// Runs `task`, which gets a store of a process without faults.
Result<void> with_store(Installation& installation,
                        std::function<Task<void>(state::Store&)> const& task);

}  // namespace tenantry::simulation
