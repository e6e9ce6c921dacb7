// A process' view of its state: durable at each commit, and gone with the process otherwise.
#pragma once
#include <functional>

#include "state/store.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/fault_rates.hpp"
#include "tests/simulation/lifeline.hpp"
#include "tests/simulation/simulated_disk.hpp"

namespace tenantry::simulation {

/// Bugs to be planted, so that it can be seen that the simulation finds them.
enum class Plant {
  none,
  no_intent,            ///< the intent is not durable before the call
  outcome_before_call,  ///< the outcome is durable before the call
  split_outcome,        ///< outcome and row are durable one after the other
};

/// Takes writes in order, as the commit queue of the local backend does.
class SimulatedStore final : public state::Store {
 public:
  /// All must outlive the store.
  SimulatedStore(SimulatedDisk& disk, Clock& clock, Dice& dice, FaultRates const& rates,
                 Lifeline& lifeline, Trace& trace, Plant plant)
      : disk_(disk),
        clock_(clock),
        dice_(dice),
        rates_(rates),
        lifeline_(lifeline),
        trace_(trace),
        plant_(plant) {}

  state::StoreInfo const& info() const override { return disk_.info(); }
  Task<std::vector<std::string>> tenants() override;
  Task<state::TenantState> load(std::string tenant) override;
  Task<std::unique_ptr<state::TenantLock>> lock(std::string tenant, state::LockOwner owner,
                                                std::chrono::milliseconds timeout) override;
  Task<void> begin_run(state::Run run) override;
  Task<std::int64_t> begin(state::Intent intent) override;
  Task<void> finish(std::int64_t operation, state::Outcome outcome) override;
  Task<void> put(std::string tenant, std::vector<state::ResourceRecord> upserts,
                 std::vector<Address> removals) override;
  Task<void> move(std::vector<state::Intent> intents, std::vector<state::ResourceRecord> upserts,
                  std::vector<Address> removals) override;
  Task<void> mark_applied(std::string tenant, std::string config_digest,
                          std::string applied_at) override;
  Task<std::int64_t> contribute(state::Contribution contribution) override;
  Task<std::map<std::string, std::int64_t>> contributions(std::string group,
                                                          std::string counter) override;
  Task<std::vector<state::HistoryEntry>> history(std::string tenant,
                                                 std::size_t entries_max) override;

 private:
  using Work = std::function<Result<void>(state::Connection&)>;
  Task<void> write(std::string what, Work work);
  boost::asio::awaitable<void> turn(std::chrono::microseconds takes);
  Task<std::int64_t> begin_planted(state::Intent intent);
  Task<void> finish_planted(std::int64_t operation, state::Outcome outcome);

  SimulatedDisk& disk_;
  Clock& clock_;
  Dice& dice_;
  FaultRates const& rates_;
  Lifeline& lifeline_;
  Trace& trace_;
  Plant plant_;
  SteadyTime free_at_{};                           ///< when what was asked for so far is done
  std::map<std::int64_t, state::Intent> planted_;  ///< of operations that a plant has to know
};

}  // namespace tenantry::simulation
