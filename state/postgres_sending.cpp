// PostgresQueue: what a batch of each kind is on the wire.
#include <fmt/format.h>

#include <exception>
#include <map>

#include "state/postgres_errors.hpp"
#include "state/postgres_queue.hpp"
#include "state/tombstone.hpp"

namespace tenantry::state {
namespace {

/// What every transaction that writes begins with: it shares the state with all others but a move,
/// sees whether the state is still here, and may leave a trace of its commit.
std::vector<Statement> opening(std::string const& session, std::optional<std::int64_t> batch) {
  std::vector<Statement> statements{
      {"BEGIN", {}},
      {fmt::format("SELECT pg_advisory_xact_lock_shared({})", kStateLockKey), {}},
      {"SELECT lineage, moved_to, moved_at, arriving_from FROM tenantry.meta", {}},
  };
  if (batch) {
    statements.push_back(
        {"INSERT INTO tenantry.sessions (id, last_batch) VALUES ($1, $2)"
         " ON CONFLICT (id) DO UPDATE SET last_batch = excluded.last_batch",
         {session, std::to_string(*batch)}});
  }
  return statements;
}
constexpr std::size_t kHeadRows = 2;  ///< its place in the above

/// Takes a lock: who signs a tenant's row has it while its session lives. Gives a row where it is
/// free, or left by a session that is dead; whether it is, one transaction at a time can find.
Statement sign(std::string const& tenant, std::string const& session, LockOwner const& owner) {
  return {
      fmt::format("INSERT INTO tenantry.lock_owners AS l"
                  " (tenant, holder, backend_pid, host, pid, command, run_url, since)"
                  " VALUES ($1, $2, pg_backend_pid(), $3, $4, $5, $6, $7)"
                  " ON CONFLICT (tenant) DO UPDATE SET holder = excluded.holder,"
                  " backend_pid = excluded.backend_pid, host = excluded.host, pid = excluded.pid,"
                  " command = excluded.command, run_url = excluded.run_url, since = excluded.since"
                  " WHERE CASE WHEN l.holder IN ('', excluded.holder) THEN true"
                  " ELSE pg_try_advisory_xact_lock_shared({}) END RETURNING 1",
                  liveness_key("l.holder")),
      {tenant, session, as_text(owner.host), std::to_string(owner.pid), as_text(owner.command),
       as_text(owner.run_url), owner.since}};
}

std::optional<Error> not_here(Rows& head, PostgresSession& session) {
  auto const& location = session.connection().location();
  if (!head.next() || head.text(0) != session.lineage()) return replaced_error(location);
  return moved_error({head.text(1), head.text(2), head.text(3)}, location);
}

/// What libraries throw (JSON, memory) as an error: nothing may end the thread.
Result<void> accept(PostgresWork<void> const& work, std::span<Rows> rows) {
  try {
    return work.accept(rows);
  } catch (std::exception const& e) {
    return Error(Errc::internal, std::string("work on the state failed: ") + e.what());
  }
}

}  // namespace

PostgresQueue::Sent PostgresQueue::send(Pieces const& pieces) {
  switch (pieces.front().job->kind) {
    case Kind::read:
      return send_reads(pieces);
    case Kind::lock:
      return send_locks(pieces);
    default:
      return send_writes(pieces);
  }
}

void PostgresQueue::undo() {
  auto& connection = session_.connection();
  if (!connection.is_lost()) (void)connection.run({"ROLLBACK", {}});
}

PostgresQueue::Sent PostgresQueue::failed(Error const& error, Pieces const& pieces) {
  auto& connection = session_.connection();
  if (connection.is_lost()) return Sent::again;
  bool const passing = may_pass(connection.sqlstate());
  undo();
  if (pieces.size() > 1) return Sent::apart;
  if (passing) return Sent::again;
  *pieces.front().result = error;
  return Sent::done;
}

PostgresQueue::Sent PostgresQueue::send_reads(Pieces const& pieces) {
  std::vector<Statement> statements{{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}}};
  for (auto const& piece : pieces) {
    auto const& own = piece.job->work.statements;
    statements.insert(statements.end(), own.begin(), own.end());
  }
  statements.push_back({"COMMIT", {}});
  auto rows = session_.connection().run(statements);
  if (!rows) return failed(rows.error(), pieces);
  std::span<Rows> rest(*rows);
  rest = rest.subspan(1);
  for (auto const& piece : pieces) {
    auto const size = piece.job->work.statements.size();
    *piece.result = accept(piece.job->work, rest.first(size));
    rest = rest.subspan(size);
  }
  return Sent::done;
}

PostgresQueue::Sent PostgresQueue::send_writes(Pieces const& pieces) {
  auto statements = opening(session_.id(), ++batch_);
  auto const first = statements.size();
  for (auto const& piece : pieces) {
    auto const& own = piece.job->work.statements;
    statements.insert(statements.end(), own.begin(), own.end());
  }
  auto rows = session_.connection().run(statements);
  if (!rows) return failed(rows.error(), pieces);
  std::span<Rows> rest(*rows);
  if (auto const gone = not_here(rest[kHeadRows], session_)) {
    undo();
    for (auto const& piece : pieces) *piece.result = *gone;
    return Sent::done;
  }
  rest = rest.subspan(first);
  for (auto const& piece : pieces) {
    auto const size = piece.job->work.statements.size();
    *piece.result = accept(piece.job->work, rest.first(size));
    rest = rest.subspan(size);
    if (*piece.result) continue;
    undo();
    return pieces.size() > 1 ? Sent::apart : Sent::done;
  }
  return commit(pieces);
}

PostgresQueue::Sent PostgresQueue::commit(Pieces const& pieces) {
  auto done = session_.connection().run({"COMMIT", {}});
  if (done) {
    ++commits_;
    return Sent::done;
  }
  if (session_.connection().is_lost()) {
    in_doubt_ = true;
    return Sent::again;
  }
  return failed(done.error(), pieces);
}

PostgresQueue::Sent PostgresQueue::send_locks(Pieces const& pieces) {
  // Sorted, as by everybody, so that nobody waits in a circle.
  std::map<std::string, Piece> asked;
  for (auto const& piece : pieces) {
    *piece.job->taken = false;
    auto const& tenant = piece.job->work.tenants.front();
    if (!session_.has_lock(tenant)) asked.emplace(tenant, piece);
  }
  if (asked.empty()) return Sent::done;
  auto statements = opening(session_.id(), std::nullopt);
  auto const first = statements.size();
  for (auto const& [tenant, piece] : asked) {
    statements.push_back(sign(tenant, session_.id(), piece.job->owner));
  }
  statements.push_back({"COMMIT", {}});
  auto rows = session_.connection().run(statements);
  if (!rows) return failed(rows.error(), pieces);
  auto const gone = not_here((*rows)[kHeadRows], session_);
  std::vector<std::string> taken;
  for (auto i = first; auto const& [tenant, piece] : asked) {
    if (gone) *piece.result = *gone;
    if ((*rows)[i++].size() == 0) continue;
    taken.push_back(tenant);
    if (gone) continue;
    session_.add_lock(tenant);
    *piece.job->taken = true;
  }
  if (gone) give_back(taken);
  return Sent::done;
}

void PostgresQueue::give_back(std::vector<std::string> const& tenants) {
  // On a connection that breaks here it is done as soon as there is another one.
  if (!session_.connection().is_lost()) {
    (void)release_locks(session_.connection(), session_.id(), tenants);
  }
}

}  // namespace tenantry::state
