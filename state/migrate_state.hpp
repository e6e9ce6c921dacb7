// Moves a state to another place, so that at each moment exactly one of the two can be used.
#pragma once
#include <map>
#include <string>

#include "state/state_tables.hpp"

namespace tenantry::state {

struct MigrationReport {
  std::map<std::string, std::size_t> rows;  ///< by table
  bool continued = false;  ///< an earlier move had come so far that only its end was missing
};

/// Copies all of `from` to `to`, reads it back and compares, and only then leaves a tombstone in
/// `from`. While it is not complete `to` is refused by everybody else. Ended anywhere, it can be
/// done again. The caller holds the locks of all tenants of `from`, so that nothing is under way
/// there; a change by anybody else is noticed and ends it before the tombstone.
///
/// `to` may be a new state, an empty one, an incomplete copy of `from`, or what the same state left
/// when it was moved from there. Errors: conflict for any other; stale when `from` was moved
/// elsewhere or changes meanwhile; those of the backends.
Result<MigrationReport> migrate_state(StateTables& from, StateTables& to, Clock const& clock);

/// True when `from` says that it is gone to `to`, whose copy only has to be declared complete.
Result<bool> only_end_is_missing(StateTables& from, StateTables& to);

}  // namespace tenantry::state
