#include "state/postgres_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

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
    if (given_up_ || late || connected.error().code == Errc::corrupt || pause_(pause)) {
      given_up_ = true;
      auto error = connected.error();
      error.code = error.code == Errc::connection ? Errc::io : error.code;
      error.message +=
          fmt::format("; tried for {} s",
                      std::chrono::ceil<std::chrono::seconds>(options_.reconnect_max).count());
      error.hint =
          "when the server is back, run the command again: what was under way is in the "
          "state's journal";
      return error;
    }
  }
}

Result<void> PostgresSession::connect_once() {
  auto fresh = PostgresConnection::open(dsn_, options_.times);
  if (!fresh) return fresh.error();
  auto done = check_lineage(*fresh);
  if (done) done = end_predecessor(*fresh);
  if (done) done = take_locks_again(*fresh);
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

Result<void> PostgresSession::take_locks_again(PostgresConnection& fresh) {
  std::vector<Statement> statements;
  std::vector<std::string> tenants;
  for (auto const& [tenant, lost] : locks_) {
    if (lost) continue;
    tenants.push_back(tenant);
    statements.push_back(
        {fmt::format("SELECT pg_try_advisory_lock({})", kLockKey), {lineage_, tenant}});
    // Only where nobody has had it meanwhile: who had may have changed what we know of the tenant.
    statements.push_back(
        {"UPDATE tenantry.lock_owners SET backend_pid = pg_backend_pid()"
         " WHERE tenant = $1 AND holder = $2 RETURNING 1",
         {tenant, id_}});
    statements.push_back(
        {"SELECT command, host, pid FROM tenantry.lock_owners WHERE tenant = $1", {tenant}});
  }
  if (statements.empty()) return {};
  auto results = fresh.run(statements);
  if (!results) return results.error();
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    auto& taken = (*results)[3 * i];
    auto& ours = (*results)[3 * i + 1];
    auto& owner = (*results)[3 * i + 2];
    bool const got = taken.next() && taken.truth(0);
    if (got && ours.size() == 1) continue;
    if (got) {
      auto released = fresh.run(
          {fmt::format("SELECT pg_advisory_unlock({})", kLockKey), {lineage_, tenants[i]}});
      if (!released) return released.error();
    }
    auto const who =
        ours.size() == 0 && owner.next()
            ? fmt::format("{} on {} (pid {})", owner.text(0), owner.text(1), owner.integer(2))
            : "another process";
    locks_[tenants[i]] = Error(
        Errc::locked,
        fmt::format("the lock of {} was lost with the connection to the state, and {} has taken it",
                    visible(tenants[i]), visible(who)),
        "nothing more is done on this tenant; run the command again when the other one is done");
  }
  return {};
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
