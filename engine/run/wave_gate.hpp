// What may begin while a plan is carried out in waves.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/run/applier.hpp"

namespace tenantry::run {

/// How the part of a plan that concerns one tenant ended.
enum class TenantEnd {
  done,
  failed,   ///< something failed, is unknown or out of date, or the tenant could not be locked
  guarded,  ///< a guard stops it
  left,     ///< not finished because the user stopped the run
};

/// Opens one wave after the other. It closes for good when more tenants of a wave have failed than
/// may: no further tenant begins, in that wave and in those after it. Where the run has a group,
/// failures in its other runs count too. Without a rollout there is one wave that stays open.
class WaveGate {
 public:
  /// `tenants` are those of the plan that have work; all must outlive the gate.
  WaveGate(state::Store& store, Observer& observer, StopFlag const& stop, plans::Plan const& plan,
           ApplyOptions const& options, std::vector<plans::TenantSummary const*> const& tenants);

  /// Indexes of `tenants` by wave, in the order of the waves.
  std::vector<std::vector<std::size_t>> const& steps() const { return steps_; }
  /// True when the tenants of this step may begin now. Asks ApplyOptions::approve_wave where an
  /// earlier wave had changes.
  boost::asio::awaitable<bool> enter(std::size_t step);
  /// The step is over.
  void leave();

  bool is_open() const { return cause_.empty(); }
  /// Why a tenant that is not begun is not.
  std::string reason(plans::TenantSummary const& tenant) const;
  boost::asio::awaitable<void> ended(plans::TenantSummary const& tenant, TenantEnd end);

  /// One for each wave of which a tenant was planned; none without a rollout.
  std::vector<WaveReport> take_reports();
  /// The state could not take a failure note: what runs elsewhere may have to know.
  bool broken() const { return broken_; }

 private:
  bool is_planned(std::size_t step) const;
  bool has_waves() const { return !plan_.waves.empty(); }
  bool shared() const { return !options_.run.group.empty(); }
  std::size_t wave_of(plans::TenantSummary const& tenant) const;
  boost::asio::awaitable<void> count_failures_of_plan(std::size_t step);
  boost::asio::awaitable<void> look_at_earlier(std::size_t step);
  boost::asio::awaitable<void> ask(std::size_t step);
  boost::asio::awaitable<void> note(std::size_t wave, std::map<std::string, std::int64_t> parts);
  void check(std::size_t wave);
  void close(std::size_t wave, std::string cause);

  state::Store& store_;
  Observer& observer_;
  StopFlag const& stop_;
  plans::Plan const& plan_;
  ApplyOptions const& options_;
  std::vector<std::vector<std::size_t>> steps_;
  std::vector<WaveReport> reports_;
  std::vector<std::int64_t> failed_;  ///< by wave: tenants of this run and of its group
  /// By wave: tenants that another run of the group holds, which tells the others how they end.
  std::vector<std::int64_t> locked_;
  std::size_t current_ = 0;
  std::size_t closed_at_ = 0;  ///< wave that was current when the gate closed
  std::string cause_;          ///< why it is closed; empty while it is open
  bool broken_ = false;
};

}  // namespace tenantry::run
