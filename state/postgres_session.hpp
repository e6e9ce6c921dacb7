// A connection to a state that comes back: with the locks that it held, or the knowledge of their
// loss.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/core/random.hpp"
#include "state/postgres_connection.hpp"
#include "state/store.hpp"

namespace tenantry::state {

struct PostgresOptions {
  OpenMode mode = OpenMode::existing;
  PostgresTimes times;
  /// How long a lost connection is tried again before calls fail.
  std::chrono::milliseconds reconnect_max{60'000};
};

/// SQL of the number by which a session says that it lives, in PostgreSQL's advisory locks; `id` is
/// SQL of the session's.
std::string liveness_key(std::string_view id);
/// SQL of the number that every transaction that writes shares, and that a move of the state has
/// for itself.
inline constexpr std::string_view kStateLockKey =
    "pg_catalog.hashtextextended('tenantry.state', 0)";

/// All is done by the one thread of a PostgresQueue, which may wait in it.
class PostgresSession {
 public:
  /// True when the waiting is to end, e.g. since the program ends. Waits up to the given time.
  using Pause = std::function<bool(std::chrono::milliseconds)>;

  /// `connection` is open, the state in it checked. `id` tells this session from all others.
  PostgresSession(PostgresConnection connection, PostgresDsn dsn, PostgresOptions options,
                  std::string lineage, std::string id, Pause pause);

  PostgresConnection& connection() { return connection_; }
  std::string const& id() const { return id_; }
  std::string const& lineage() const { return lineage_; }
  OpenMode mode() const { return options_.mode; }
  StopDeadline const& stop() const { return *options_.times.stop; }

  /// Connects again where the connection is lost: its predecessor is ended first, so that nothing
  /// of it is done later, and every lock is looked after. Errors: io after options.reconnect_max or
  /// the program's deadline; after such a failure one attempt is made per call.
  Result<void> ensure_connected();

  /// Whether transaction `batch` of this session was committed.
  Result<bool> was_committed(std::int64_t batch);

  bool has_locks() const { return !locks_.empty(); }
  bool has_lock(std::string const& tenant) const { return locks_.contains(tenant); }
  void add_lock(std::string const& tenant) { locks_[tenant] = std::nullopt; }
  /// True when the lock is to be given back to the server.
  bool drop_lock(std::string const& tenant);
  /// Why a lock that this session had is no longer its own; none where it has it, or never had.
  std::optional<Error> lost_lock(std::string const& tenant) const;

 private:
  Result<void> connect_once();
  Result<void> end_predecessor(PostgresConnection& fresh);
  Result<void> check_lineage(PostgresConnection& fresh);
  Result<void> resume_locks(PostgresConnection& fresh);

  PostgresConnection connection_;
  PostgresDsn dsn_;
  PostgresOptions options_;
  std::string lineage_;
  std::string id_;
  Pause pause_;
  bool given_up_ = false;
  std::map<std::string, std::optional<Error>> locks_;  ///< tenant -> why it is lost
};

/// Says to all others that the session `id` lives, until the connection ends: the locks of tenants
/// that are signed by it are its own. `id` belongs to one connection at a time.
Result<void> declare_alive(PostgresConnection& db, std::string const& id);

/// Takes that back: all that is signed by it is free.
Result<void> declare_dead(PostgresConnection& db, std::string const& id);

/// Gives `tenants`, which are sorted, to whoever asks next.
Result<void> release_locks(PostgresConnection& db, std::string const& id,
                           std::vector<std::string> const& tenants);

}  // namespace tenantry::state
