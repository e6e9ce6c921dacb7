#include "state/postgres_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/core/text.hpp"
#include "state/postgres_errors.hpp"

namespace tenantry::state {
using namespace std::chrono_literals;

PostgresSession::PostgresSession(PostgresConnection connection, PostgresDsn dsn,
                                 PostgresOptions options, std::string lineage, std::string id,
                                 Pause pause)
    : connection_(std::move(connection)),
      dsn_(std::move(dsn)),
      options_(options),
      lineage_(std::move(lineage)),
      id_(std::move(id)),
      pause_(std::move(pause)) {}

Result<void> PostgresSession::ensure_connected() {
  constexpr std::chrono::milliseconds kPauseFirst = 50ms;
  constexpr std::chrono::milliseconds kPauseMax = 2s;
  if (!connection_.is_lost()) return {};
  // The thread has no Clock, which belongs to coroutines.
  auto const deadline = std::chrono::steady_clock::now() + options_.reconnect_max;
  for (auto pause = kPauseFirst;; pause = std::min(2 * pause, kPauseMax)) {
    auto connected = connect_once();
    if (connected) {
      given_up_ = false;
      return {};
    }
    auto const late = std::chrono::steady_clock::now() + pause > deadline;
    bool const hopeless = connected.error().code == Errc::corrupt || options_.times.stop->is_over();
    if (given_up_ || late || hopeless || pause_(pause)) {
      given_up_ = true;
      auto error = connected.error();
      error.code = error.code == Errc::connection ? Errc::io : error.code;
      if (!options_.times.stop->is_over()) {
        error.message +=
            fmt::format("; tried for {} s",
                        std::chrono::ceil<std::chrono::seconds>(options_.reconnect_max).count());
      }
      error.hint =
          "when the server is back, run the command again: what was under way is in the "
          "state's journal";
      return error;
    }
  }
}

Result<void> PostgresSession::connect_once() {
  if (options_.times.stop->is_over()) {
    return Error(Errc::io,
                 fmt::format("the state {} did not answer until the end", connection_.location()));
  }
  auto fresh = PostgresConnection::open(dsn_, options_.times);
  if (!fresh) return fresh.error();
  auto done = check_lineage(*fresh);
  if (done) done = end_predecessor(*fresh);
  if (done) done = resume_locks(*fresh);
  if (!done) return done;
  connection_ = std::move(*fresh);
  return {};
}

Result<void> PostgresSession::check_lineage(PostgresConnection& fresh) {
  auto rows = fresh.run({"SELECT lineage FROM tenantry.meta", {}});
  if (!rows) return rows.error();
  if (rows->next() && rows->text(0) == lineage_) return {};
  return Error(
      Errc::corrupt,
      fmt::format("the state {} is another one since the connection was lost", fresh.location()));
}

/// The server may not have noticed yet that the old connection is gone: its locks would be in our
/// way, and its last COMMIT might still be carried out.
Result<void> PostgresSession::end_predecessor(PostgresConnection& fresh) {
  constexpr int kChecksMax = 50;
  for (int check = 0; check < kChecksMax; ++check) {
    auto rows =
        fresh.run({"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                   " WHERE pid = $1::integer AND backend_start::text = $2",
                   {std::to_string(connection_.backend_pid()), connection_.backend_start()}});
    if (!rows) return rows.error();
    if (rows->size() == 0) return {};
    if (pause_(100ms)) break;
  }
  return Error(Errc::io, fmt::format("the server of {} still has the connection that was lost",
                                     fresh.location()));
}

namespace {

Result<std::string> last_owner(PostgresConnection& db, std::string const& tenant) {
  auto rows =
      db.run({"SELECT command, host, pid FROM tenantry.lock_owners WHERE tenant = $1", {tenant}});
  if (!rows) return rows.error();
  if (!rows->next()) return std::string("another process");
  return fmt::format("{} on {} (pid {})", rows->text(0), rows->text(1), rows->integer(2));
}

Error lost_error(std::string const& tenant, std::string const& who) {
  return {
      Errc::locked,
      fmt::format("the lock of {} was lost with the connection to the state, and {} has taken it",
                  visible(tenant), visible(who)),
      "nothing more is done on this tenant; run the command again when the other one is done"};
}

}  // namespace

/// What is still signed by this session is its own: who has it taken meanwhile has signed over it.
Result<void> PostgresSession::resume_locks(PostgresConnection& fresh) {
  if (options_.mode == OpenMode::read_only) return {};
  auto alive = declare_alive(fresh, id_);
  if (!alive) return alive;
  auto rows =
      fresh.run({"SELECT tenant FROM tenantry.lock_owners WHERE holder = $1"
                 " ORDER BY tenant COLLATE \"C\"",
                 {id_}});
  if (!rows) return rows.error();
  std::set<std::string> ours;
  std::vector<std::string> given_back;  // which the server may not have heard
  while (rows->next()) {
    auto tenant = rows->text(0);
    if (!locks_.contains(tenant)) given_back.push_back(tenant);
    ours.insert(std::move(tenant));
  }
  for (auto& [tenant, lost] : locks_) {
    if (lost || ours.contains(tenant)) continue;
    auto who = last_owner(fresh, tenant);
    if (!who) return who.error();
    lost = lost_error(tenant, *who);
  }
  return release_locks(fresh, id_, given_back);
}

std::string liveness_key(std::string_view id) {
  return fmt::format("pg_catalog.hashtextextended('tenantry.session/' || {}, 0)", id);
}

Result<void> declare_alive(PostgresConnection& db, std::string const& id) {
  // It waits for those who have just found this session dead, until they have signed.
  auto done = db.run({fmt::format("SELECT pg_advisory_lock({})", liveness_key("$1")), {id}});
  if (!done) return done.error();
  return {};
}

Result<void> declare_dead(PostgresConnection& db, std::string const& id) {
  auto done = db.run({fmt::format("SELECT pg_advisory_unlock({})", liveness_key("$1")), {id}});
  if (!done) return done.error();
  return {};
}

Result<void> release_locks(PostgresConnection& db, std::string const& id,
                           std::vector<std::string> const& tenants) {
  if (tenants.empty()) return {};
  // If a power cut takes it back, the session is dead as well.
  std::vector<Statement> statements{{"BEGIN", {}}, {"SET LOCAL synchronous_commit = off", {}}};
  for (auto const& tenant : tenants) {
    statements.push_back(
        {"UPDATE tenantry.lock_owners SET holder = '' WHERE tenant = $1 AND holder = $2",
         {tenant, id}});
  }
  statements.push_back({"COMMIT", {}});
  constexpr int kTriesMax = 10;
  for (int tries = 1;; ++tries) {
    auto done = db.run(statements);
    if (done) return {};
    bool const again = !db.is_lost() && may_pass(db.sqlstate()) && tries < kTriesMax;
    if (!db.is_lost()) (void)db.run({"ROLLBACK", {}});
    if (!again) return done.error();
  }
}

Result<bool> PostgresSession::was_committed(std::int64_t batch) {
  auto rows = connection_.run({"SELECT last_batch FROM tenantry.sessions WHERE id = $1", {id_}});
  if (!rows) return rows.error();
  return rows->next() && rows->integer(0) == batch;
}

bool PostgresSession::drop_lock(std::string const& tenant) {
  auto const found = locks_.find(tenant);
  bool const held = found != locks_.end() && !found->second;
  if (found != locks_.end()) locks_.erase(found);
  return held;
}

std::optional<Error> PostgresSession::lost_lock(std::string const& tenant) const {
  auto const found = locks_.find(tenant);
  return found == locks_.end() ? std::nullopt : found->second;
}

}  // namespace tenantry::state
