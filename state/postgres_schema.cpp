#include "state/postgres_schema.hpp"

#include <fmt/format.h>

namespace tenantry::state {
namespace {

/// Only one process at a time makes or changes the schema.
constexpr char const* kAlone =
    "SELECT pg_advisory_xact_lock(pg_catalog.hashtextextended('tenantry.schema', 0))";

struct Found {
  bool schema = false;
  bool usable = false;      ///< the role may use the schema
  bool state = false;       ///< it has our table meta
  std::int64_t others = 0;  ///< tables and the like in it
};

Result<Found> look(PostgresConnection& db) {
  // Not by names: where the right to use the schema is missing, they are refused.
  auto rows =
      db.run({"SELECT has_schema_privilege(n.oid, 'USAGE'),"
              " count(a.attname) > 0, count(c.oid)"
              " FROM pg_catalog.pg_namespace AS n"
              " LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid"
              " LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid"
              " AND c.relname = 'meta' AND c.relkind = 'r' AND a.attname = 'lineage'"
              " WHERE n.nspname = 'tenantry' GROUP BY n.oid",
              {}});
  if (!rows) return rows.error();
  Found found;
  if (!rows->next()) return found;
  return Found{true, rows->truth(0), rows->truth(1), rows->integer(2)};
}

Error no_rights(PostgresConnection const& db, std::string_view what, std::string hint) {
  return {Errc::forbidden, fmt::format("the user of {} may not {}", db.location(), what),
          std::move(hint)};
}

Result<void> check_rights(PostgresConnection& db) {
  auto rows =
      db.run({"SELECT bool_and(has_table_privilege(c.oid, 'SELECT')"
              " AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')"
              " AND has_table_privilege(c.oid, 'DELETE')),"
              " current_setting('transaction_read_only') FROM pg_catalog.pg_class AS c"
              " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
              " WHERE n.nspname = 'tenantry' AND c.relkind = 'r'",
              {}});
  if (!rows) return rows.error();
  if (!rows->next()) return {};
  if (rows->text(1) == "on") {
    return no_rights(db, "write: the server or the session only reads",
                     "name the primary server, e.g. several hosts and "
                     "target_session_attrs=read-write");
  }
  if (rows->truth(0)) return {};
  return no_rights(
      db, "write the state",
      "let the owner of the schema grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON "
      "ALL TABLES IN SCHEMA tenantry TO <user>; plan and all that only looks works as is");
}

Result<void> run_steps(PostgresConnection& db, int version) {
  for (auto const& step : postgres_migrations()) {
    if (step.version <= version) continue;
    auto done = db.execute(std::string(step.sql));
    if (!done) return done;
    if (version == 0) continue;
    auto noted = db.run(
        {"UPDATE tenantry.meta SET schema_version = $1::integer", {std::to_string(step.version)}});
    if (!noted) return noted.error();
  }
  return {};
}

Result<void> make(PostgresConnection& db, Found const& found, Clock const& clock, Random& random) {
  if (!found.schema) {
    auto made = db.run({"CREATE SCHEMA tenantry", {}});
    if (!made && db.sqlstate() == "42501") {
      return no_rights(db, "make the schema of a new state",
                       "let a user who may run `tenantry apply` once, or let the owner of the "
                       "database do this: CREATE SCHEMA tenantry AUTHORIZATION <user>");
    }
    if (!made) return made.error();
  }
  auto done = run_steps(db, 0);
  if (!done) return done;
  auto const newest = postgres_migrations().back().version;
  auto written =
      db.run({"INSERT INTO tenantry.meta (one, lineage, salt, schema_version, created_at)"
              " VALUES (1, $1, $2, $3::integer, $4)",
              {random.hex(16), random.hex(32), std::to_string(newest), format_time(clock.wall())}});
  if (!written) return written.error();
  return {};
}

/// Under the lock: what another process has done meanwhile is seen.
Result<void> make_or_migrate(PostgresConnection& db, OpenMode mode, Clock const& clock,
                             Random& random) {
  auto const found = look(db);
  if (!found) return found.error();
  if (!found->state) {
    if (mode != OpenMode::create_if_missing || found->others > 0) return {};
    return make(db, *found, clock, random);
  }
  auto const head = read_head(db);
  if (!head) return head.error();
  return run_steps(db, head->info.schema_version);
}

}  // namespace

Result<PostgresHead> read_head(PostgresConnection& db) {
  auto const found = look(db);
  if (!found) return found.error();
  if (found->schema && !found->usable) {
    return no_rights(db, "use the schema tenantry",
                     "let its owner grant it: GRANT USAGE ON SCHEMA tenantry TO <user>");
  }
  if (!found->state && found->others > 0) {
    return Error(Errc::corrupt,
                 fmt::format("the schema tenantry of {} is not a state of Tenantry", db.location()),
                 "something else uses this schema: make a database of its own for the state "
                 "(createdb NAME), and name that");
  }
  if (!found->state) {
    return Error(Errc::not_found, fmt::format("there is no state in {}", db.location()),
                 "check the database's name; `tenantry apply` makes a new state where none is");
  }
  auto rows =
      db.run({"SELECT lineage, salt, schema_version, moved_to, moved_at, arriving_from"
              " FROM tenantry.meta",
              {}});
  if (!rows) return rows.error();
  if (!rows->next() || rows->text(0).empty() || rows->text(1).empty()) {
    return Error(Errc::corrupt, fmt::format("the state {} has lost its head", db.location()),
                 "restore the database from a backup");
  }
  PostgresHead head{
      {rows->text(0), static_cast<int>(rows->integer(2)), rows->text(1), db.location()},
      {rows->text(3), rows->text(4), rows->text(5)}};
  auto const newest = postgres_migrations().back().version;
  if (head.info.schema_version > newest) {
    return Error(Errc::corrupt,
                 fmt::format("the state {} has version {}; this program knows versions up to {}",
                             db.location(), head.info.schema_version, newest),
                 "a newer tenantry has written it: use that one or a later one");
  }
  return head;
}

Result<PostgresHead> prepare_state(PostgresConnection& db, OpenMode mode, Clock const& clock,
                                   Random& random) {
  auto const newest = postgres_migrations().back().version;
  auto head = read_head(db);
  bool const missing = !head && head.error().code == Errc::not_found;
  if (!head && !(missing && mode == OpenMode::create_if_missing)) return head;
  if (mode == OpenMode::read_only) {
    if (head->info.schema_version == newest) return head;
    return Error(Errc::io,
                 fmt::format("the state {} has the older version {}", db.location(),
                             head->info.schema_version),
                 "run `tenantry apply` once, which brings it to the present version");
  }
  if (missing || head->info.schema_version < newest) {
    std::vector<Statement> const begin{{"BEGIN", {}}, {kAlone, {}}};
    auto begun = db.run(begin);
    if (!begun) return begun.error();
    auto done = make_or_migrate(db, mode, clock, random);
    auto ended = db.run({done ? "COMMIT" : "ROLLBACK", {}});
    if (!done) return done.error();
    if (!ended) return ended.error();
    head = read_head(db);
    if (!head) return head;
  }
  auto allowed = check_rights(db);
  if (!allowed) return allowed.error();
  return head;
}

}  // namespace tenantry::state
