// The schema "tenantry" of a database: made, checked and brought up to date.
#pragma once
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "state/migrations.hpp"
#include "state/postgres_connection.hpp"
#include "state/store.hpp"
#include "state/tombstone.hpp"

namespace tenantry::state {

/// What a state says of itself before anything else in it is read.
struct PostgresHead {
  StoreInfo info;
  Tombstone tombstone;
};

/// Errors: not_found when there is no state in the database; corrupt for a schema of something
/// else, or of a newer version; forbidden without the rights.
Result<PostgresHead> read_head(PostgresConnection& db);

/// As read_head, and makes the state where it is missing and `mode` allows it, and brings an older
/// one to the present version. Processes that do so at once end up with the same state.
Result<PostgresHead> prepare_state(PostgresConnection& db, OpenMode mode, Clock const& clock,
                                   Random& random);

}  // namespace tenantry::state
