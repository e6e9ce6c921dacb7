// A state file: made whole or not at all, and opened only when it can be trusted.
#pragma once
#include <chrono>
#include <filesystem>
#include <span>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "state/migrations.hpp"
#include "state/sqlite.hpp"
#include "state/store.hpp"

namespace tenantry::state {

/// Where the file is: symbolic links followed, so that the files beside it (WAL, locks) are the
/// same for everybody. Errors: not_found; io for a folder, a device, a link to nowhere or a lack of
/// permission; corrupt for an empty file, or when only the WAL of a missing file is there.
Result<std::filesystem::path> locate_state_file(std::filesystem::path const& path);

/// Makes a new state, 0600. No moment of it leaves a file that cannot be opened, and of several
/// processes all end up with the same file. No error when it exists. Errors: io.
Result<void> create_state_file(std::filesystem::path const& path, Clock& clock, Random& random);

/// Opens a file that is there after a look at its first bytes: SQLite would try to mend what
/// belongs to another program. Errors: corrupt for a foreign file; those of SQLite.
Result<Connection> open_state_file(std::filesystem::path const& path, Access access,
                                   std::chrono::milliseconds busy_max);

/// How much of a file is read before it is trusted.
enum class Depth {
  head,   ///< header, tables, version
  whole,  ///< also the structure of every page
};
/// What check_state is to read of the file: see the reasons in the source.
Depth depth_for(std::filesystem::path const& path);

/// Refuses what is no whole state of a version that this program knows. Writes nothing.
/// Errors: corrupt; those of SQLite.
Result<void> check_state(Connection& db, Depth depth);

/// Runs the steps that the state does not have yet. Errors: those of SQLite; corrupt.
Result<void> migrate(Connection& db, std::span<Migration const> steps);

/// Errors: corrupt when it is not there; those of SQLite.
Result<StoreInfo> read_info(Connection& db);

/// Refuses a state that was moved away, is not complete, or is not that of `lineage`.
/// Errors: stale; those of SQLite.
Result<void> check_here(Connection& db, std::string const& lineage);

/// The file beside `path` that SQLite keeps commits in until they are in the file itself.
std::filesystem::path wal_of(std::filesystem::path const& path);

}  // namespace tenantry::state
