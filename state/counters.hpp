// Counters that several runs share: steps inside a transaction of their caller, as in journal.hpp.
#pragma once
#include <chrono>
#include <cstdint>

#include "engine/core/clock.hpp"
#include "state/model.hpp"
#include "state/sqlite.hpp"

namespace tenantry::state {

/// How long a group is remembered after its last contribution.
inline constexpr std::chrono::days kGroupKept{30};

/// Writes what the contribution says, forgets groups that are older than kGroupKept, and gives the
/// sum over all parts of the counter. Errors: invalid for text that is not UTF-8; those of SQLite.
Result<std::int64_t> contribute(Connection& db, Contribution const& contribution, WallTime now);

/// All parts of a counter. Errors: as contribute().
Result<std::map<std::string, std::int64_t>> contributions(Connection& db, std::string const& group,
                                                          std::string const& counter);

}  // namespace tenantry::state
