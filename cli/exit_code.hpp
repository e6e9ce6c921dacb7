// What the shell learns of a run.
#pragma once
#include "engine/run/applier.hpp"
#include "plans/plan.hpp"

namespace tenantry::cli {

/// The program's exit codes: docs/exit-codes.md.
enum class Exit {
  done = 0,           ///< all that was asked for is so
  failed = 1,         ///< nothing of it, or wrong usage
  changes = 2,        ///< plan --detailed-exitcode, drift: there is a difference
  partial = 3,        ///< some was applied, some was not
  guard = 4,          ///< a protection rule stopped something
  interrupted = 130,  ///< the user stopped it
};

/// What happened, as far as an exit code can tell it.
struct RunOutcome {
  bool failed = false;       ///< something was not done, for whatever reason
  bool applied = false;      ///< something was done
  bool stale = false;        ///< a saved plan was older than what it would have changed
  bool guarded = false;      ///< a guard stopped something
  bool differs = false;      ///< changes are present, and the caller asked to hear of them
  bool interrupted = false;  ///< Ctrl-C or SIGTERM
};

/// The one place where exit codes are decided. An interruption wins over a guard, a guard over a
/// partial apply, a failure over "changes present".
Exit exit_of(RunOutcome const& outcome);

enum class DetailedExit { off, on };
RunOutcome outcome_of(plans::Plan const& plan, DetailedExit detailed);
RunOutcome outcome_of(run::ApplyReport const& report);
/// Of a failure that ended the whole command.
RunOutcome outcome_of(Error const& error);

/// True when anything live differs from what was last applied.
bool has_drift(plans::Plan const& plan);

}  // namespace tenantry::cli
