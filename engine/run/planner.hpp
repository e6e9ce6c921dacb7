// Makes plans: expand, recover, refresh, diff, guard; tenant by tenant, side by side.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "engine/run/context.hpp"
#include "plans/guards.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// Locks held from planning to the end of applying, by tenant.
using LockSet = std::map<std::string, std::unique_ptr<state::TenantLock>>;

enum class Refresh { live, none };

/// What becomes of changes that change nothing and say nothing: they are listed in the plan, or
/// only counted, so that memory is bounded by what changes and the tenants in work.
enum class Unchanged { listed, counted };

/// Gets the changes of tenants that a plan only counts, before they are dropped.
class UnchangedSink {
 public:
  virtual ~UnchangedSink() = default;
  /// `unchanged` are no-ops of `tenant`, in the order of addresses.
  virtual Result<void> add(std::string const& tenant, std::vector<plans::Change> unchanged) = 0;
};

struct PlanOptions {
  Selection selection;
  std::vector<std::string> replace;  ///< addresses and globs of --replace
  std::vector<std::string> rotate;   ///< addresses and globs of --rotate
  Refresh refresh = Refresh::live;
  /// Also looks for tenants that nobody manages; needs an organization client.
  bool show_unmanaged = false;
  bool refresh_only = false;  ///< show drift alone; nothing is planned against it
  bool destroy = false;
  bool adopt = false;             ///< take over what exists under the same natural key
  bool adopt_only = false;        ///< take over, and change nothing
  bool allow_deactivate = false;  ///< also: destroy deactivates tenants
  /// Looks only at tenants whose merged configuration is not the one that was applied last.
  bool changed_only = false;
  Unchanged unchanged = Unchanged::listed;
  UnchangedSink* unchanged_sink = nullptr;  ///< may be null; of Unchanged::counted
  std::set<std::string> acknowledged;       ///< digests
  /// Names the runs that share limits with this one (state::Run::group); empty: it stands alone.
  std::string group = {};
  std::size_t parallelism = 32;                  ///< calls in flight in all
  std::function<std::size_t()> idle_calls = {};  ///< of these, right now; see SideBySide
  LockSet* locks = nullptr;  ///< not null: each tenant is locked first, and stays so
  state::LockOwner owner;    ///< who asks for locks
  std::chrono::milliseconds lock_timeout{0};
};

/// The plan of everything selected. A tenant that cannot be planned carries its error; errors that
/// concern the whole run (state unreadable, stopped) are the result's.
/// Settles what earlier runs left open, for which it takes locks.
Task<plans::Plan> make_plan(Context& context, PlanOptions options);

}  // namespace tenantry::run
