// Carries plans out.
#pragma once
#include <functional>
#include <vector>

#include "engine/run/planner.hpp"

namespace tenantry::run {

enum class Status {
  done,
  failed,
  never_started,  ///< something it depends on failed, a guard or the user stopped it
  unknown,  ///< the call went out and its outcome could not be found out; the journal keeps it
  stale,    ///< the tenant's state or the object moved on since the plan was made
};
std::string_view name_of(Status status);

struct ChangeReport {
  Address address;
  plans::Action action = plans::Action::no_op;
  Status status = Status::never_started;
  std::string reason;          ///< why it was not started
  std::optional<Error> error;  ///< of failed, unknown and stale
  bool earlier = false;        ///< of done: by an earlier run of the same saved plan
};

/// A tenant of which nothing was begun.
struct TenantNotBegun {
  std::size_t index = 0;      ///< in the plan
  std::uint32_t changes = 0;  ///< that it would have had
  std::string reason;
};

struct ApplyReport {
  /// In the plan's order, no-ops left out. Those that are done are only counted, since they may be
  /// very many; ApplyOptions::list_done has them listed, too.
  std::vector<ChangeReport> changes;
  /// In the plan's order: tenants whose changes are not in `changes`, since a thousand others that
  /// were never started are. A run that is stopped may leave millions.
  std::vector<TenantNotBegun> not_begun;
  int done = 0;                   ///< changes
  int done_earlier = 0;           ///< of these, by an earlier run of the same saved plan
  std::vector<WaveReport> waves;  ///< in their order; none without a rollout
  bool stopped_by_guard = false;
  bool interrupted = false;
  bool some_tenant_failed = false;  ///< a tenant could not be planned or locked
  int count(Status status) const;
  bool is_all_done() const;
  /// Counts `change`, and lists it as `list_done` says.
  void add(ChangeReport change, bool list_done = false);
};

/// Member of state::Intent::context: ApplyOptions::plan_digest, where there is one.
inline constexpr std::string_view kPlanContext = "plan";

struct ApplyOptions {
  state::Run run;
  state::LockOwner owner;
  std::chrono::milliseconds lock_timeout{0};
  std::size_t parallelism = 32;
  std::function<std::size_t()> idle_calls = {};  ///< see SideBySide
  LockSet* locks = nullptr;  ///< held since planning; tenants not in it are locked now
  /// How the plan was made, for what can only be planned once a tenant answers again. None for a
  /// saved plan, which is carried out as it is.
  std::optional<PlanOptions> planning = {};
  /// The report lists what is done, too.
  bool list_done = false;
  /// A saved plan: each tenant's serial is compared, and each object before it is changed.
  bool verify_before_call = false;
  /// Of that saved plan; operations are noted with it, so that a later run of the plan knows what
  /// is done. Empty: none.
  std::string plan_digest = {};
  /// Asked before a wave that has changes, where one before it had some: the last such one, and the
  /// next. No: the rollout stops. Empty: it goes on.
  std::function<Task<bool>(WaveReport const& before, WaveReport const& next)> approve_wave = {};
};

/// Applies every tenant that no guard stops, wave by wave where the plan has waves. Never fails as
/// a whole because one tenant did.
Task<ApplyReport> apply_plan(Context& context, plans::Plan const& plan, ApplyOptions options);

}  // namespace tenantry::run
