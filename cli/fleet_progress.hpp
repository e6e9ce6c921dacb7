// How far a run over many tenants is: counts, rate, time left.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/error.hpp"
#include "plans/plan.hpp"

namespace tenantry::cli {

/// How many a second, over the last 20 s: rate limits make a run slow down on its way.
class RateMeter {
 public:
  static constexpr std::chrono::seconds kWindow{20};

  /// `total` were done up to `now`. Times do not go backwards.
  void note(SteadyTime now, std::size_t total);
  /// Zero before there was anything to measure.
  double per_second(SteadyTime now) const;

 private:
  struct Sample {
    SteadyTime time;
    std::size_t total;
  };
  std::deque<Sample> samples_;
};

enum class Phase { planning, applying };
std::string_view name_of(Phase phase);

/// A tenant that is worked on.
struct TenantInWork {
  struct Running {
    plans::Action action = plans::Action::no_op;
    SteadyTime since;
    std::string text;  ///< how far it is; may be empty
  };
  std::string key;
  SteadyTime since;
  std::size_t changes = 0;  ///< that are planned; zero while planning
  std::size_t done = 0;
  std::size_t failed = 0;
  std::map<Address, Running> running;
};

/// Counts what an observer is told. Fed by the view that shows it.
class FleetProgress {
 public:
  /// `clock` must outlive this.
  explicit FleetProgress(Clock& clock) : clock_(clock) {}

  /// A phase begins with `tenants` ahead of it.
  void start(Phase phase, std::size_t tenants);
  /// What an apply is about to do, so that it is known how much is left.
  void expect(plans::Plan const& plan);

  void tenant_started(std::string const& key);
  /// Gives what was known of the tenant; a new entry where it had not been started.
  TenantInWork tenant_ended(std::string const& key);
  void change_started(plans::Change const& change);
  void change_progress(plans::Change const& change, std::string const& text);
  /// Gives how long the change took; nothing where its start was not seen.
  std::optional<std::chrono::milliseconds> change_ended(plans::Change const& change, bool done);

  Phase phase() const { return phase_; }
  std::size_t tenants() const { return tenants_; }
  std::size_t tenants_ended() const { return tenants_ended_; }
  /// What is planned on the way (a reactivated tenant's content) comes on top of what was expected.
  std::size_t changes() const { return std::max(changes_, changes_ended_); }
  std::size_t changes_ended() const { return changes_ended_; }
  /// Tenants with changes of the plan that is applied.
  std::size_t tenants_expected() const { return expected_.size(); }
  /// Of tenants while planning, of changes while applying.
  double per_second() const { return rate_.per_second(clock_.steady()); }
  /// Nothing before the rate is known.
  std::optional<std::chrono::seconds> time_left() const;
  /// Longest in work first.
  std::vector<TenantInWork const*> in_work() const;
  SteadyTime now() const { return clock_.steady(); }

 private:
  TenantInWork& of(std::string const& key);
  void measure();

  Clock& clock_;
  Phase phase_ = Phase::planning;
  std::size_t tenants_ = 0;
  std::size_t tenants_ended_ = 0;
  std::size_t changes_ = 0;
  std::size_t changes_ended_ = 0;
  std::map<std::string, std::size_t> expected_;  ///< changes by tenant
  std::map<std::string, TenantInWork> in_work_;
  RateMeter rate_;
};

/// "applying: 12 of 600 tenants, 340 of 18000 changes, 250/s, 1 min 11 s left"
std::string headline(FleetProgress const& progress);
/// "acme  12/30  create groups/analysts (1.2 s), and 2 more"
std::string line_of(TenantInWork const& tenant, SteadyTime now);

}  // namespace tenantry::cli
