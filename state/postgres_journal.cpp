#include "state/postgres_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "engine/core/text.hpp"
#include "state/counters.hpp"
#include "state/history_limit.hpp"
#include "state/postgres_rows.hpp"
#include "state/rows.hpp"

namespace tenantry::state::postgres_journal {
namespace {

Result<void> nothing(std::span<Rows>) { return {}; }

/// PostgreSQL's text holds well-formed UTF-8 without zero bytes.
template <class T>
PostgresWork<T> checked(PostgresWork<T> work) {
  for (auto const& statement : work.statements) {
    for (auto const& value : statement.values) {
      if (work.refused || is_text(value)) continue;
      work.refused = Error(Errc::invalid, fmt::format("\"{}\" cannot be kept in the state: it is "
                                                      "no text",
                                                      visible(value)));
    }
  }
  return work;
}

template <class T>
PostgresWork<T> refused(Error why) {
  PostgresWork<T> work;
  work.refused = std::move(why);
  return work;
}

Error unreadable(std::string const& location, Error const& why) {
  return {Errc::corrupt, fmt::format("the state {} is damaged: {}", location, why.message),
          "restore the database from a backup; or name a new state and run `tenantry apply "
          "--adopt-only`, which rebuilds it from what is live"};
}

Result<Statement> insert_operation(Intent const& intent, OutcomeStatus const* status,
                                   std::string const& ended_at) {
  auto row = encode(intent);
  if (!row) return row.error();
  auto const& a = intent.address;
  return Statement{
      "INSERT INTO tenantry.operations (tenant, section, key, action, request_digest, natural_key,"
      " remote_id, before, planned, context, run_id, started_at, status, ended_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id",
      {a.tenant, a.section, a.key, intent.action, intent.request_digest, intent.natural_key,
       intent.id.text(), row->before, row->planned, row->context, intent.run_id, intent.started_at,
       status ? std::string(status_text(*status)) : "open", ended_at}};
}

Result<void> read_resources(Rows& rows, TenantState& state, std::string const& location) {
  while (rows.next()) {
    auto record = decode_record(rows, state.key);
    if (!record) return unreadable(location, record.error());
    auto address = record->address;
    state.resources.emplace(std::move(address), std::move(*record));
  }
  return {};
}

Result<void> read_open(Rows& rows, TenantState& state, std::string const& location) {
  while (rows.next()) {
    auto intent = decode_intent(rows, 1);
    if (!intent) return unreadable(location, intent.error());
    state.open.push_back({rows.integer(0), std::move(*intent)});
  }
  return {};
}

}  // namespace

PostgresWork<std::vector<std::string>> tenants() {
  return {{{"SELECT tenant FROM tenantry.resources UNION"
            " SELECT tenant FROM tenantry.operations WHERE status = 'open' ORDER BY 1",
            {}}},
          [](std::span<Rows> results) -> Result<std::vector<std::string>> {
            std::vector<std::string> keys;
            while (results[0].next()) keys.push_back(results[0].text(0));
            return keys;
          }};
}

PostgresWork<TenantState> load(std::string tenant, std::string location) {
  std::vector<Statement> statements{
      {"SELECT serial, config_digest, applied_at FROM tenantry.tenants WHERE key = $1", {tenant}},
      {"SELECT section, key, remote_id, applied, observed, secrets, extra, prevent_destroy,"
       " depends_on, created_at, updated_at FROM tenantry.resources WHERE tenant = $1",
       {tenant}},
      {"SELECT id, tenant, section, key, action, request_digest, natural_key, remote_id, before,"
       " planned, context, run_id, started_at FROM tenantry.operations"
       " WHERE tenant = $1 AND status = 'open' ORDER BY id",
       {tenant}}};
  auto read = [tenant, location](std::span<Rows> results) -> Result<TenantState> {
    TenantState state;
    state.key = tenant;
    if (results[0].next()) {
      state.serial = results[0].integer(0);
      state.config_digest = results[0].text(1);
      state.applied_at = results[0].text(2);
    }
    auto done = read_resources(results[1], state, location);
    if (done) done = read_open(results[2], state, location);
    if (!done) return done.error();
    return state;
  };
  return checked(PostgresWork<TenantState>{std::move(statements), std::move(read)});
}

PostgresWork<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max,
                                                std::string location) {
  auto const limit = std::min<std::size_t>(entries_max, std::numeric_limits<std::int64_t>::max());
  Statement entries{
      "SELECT o.id, o.tenant, o.section, o.key, o.action, o.request_digest, o.natural_key,"
      " o.remote_id, o.before, o.planned, o.context, o.run_id, o.started_at, o.status, o.ended_at,"
      " o.error, coalesce(r.command, ''), coalesce(r.started_at, ''), coalesce(r.\"user\", ''),"
      " coalesce(r.host, ''), coalesce(r.git_commit, ''), coalesce(r.run_url, ''),"
      " coalesce(r.reason, '') FROM tenantry.operations AS o"
      " LEFT JOIN tenantry.runs AS r ON r.id = o.run_id",
      {std::to_string(limit)}};
  if (!tenant.empty()) {
    entries.sql += " WHERE o.tenant = $2";
    entries.values.push_back(tenant);
  }
  entries.sql += " ORDER BY o.id DESC LIMIT $1";
  auto read = [location](std::span<Rows> results) -> Result<std::vector<HistoryEntry>> {
    auto& rows = results[0];
    std::vector<HistoryEntry> found;
    while (rows.next()) {
      auto intent = decode_intent(rows, 1);
      if (!intent) return unreadable(location, intent.error());
      Run run{intent->run_id, rows.text(16), rows.text(17), rows.text(18),
              rows.text(19),  rows.text(20), rows.text(21), rows.text(22)};
      found.push_back({rows.integer(0), std::move(run), std::move(*intent), rows.text(13),
                       rows.text(14), rows.text(15)});
    }
    std::ranges::reverse(found);
    return found;
  };
  return checked(PostgresWork<std::vector<HistoryEntry>>{{std::move(entries)}, std::move(read)});
}

namespace {

/// As forget_before() of journal.cpp.
Result<void> forget_before(std::string const& time, std::vector<Statement>& statements) {
  auto const runs_before = older_runs(time);
  if (!runs_before) return runs_before.error();
  statements.push_back(
      {"DELETE FROM tenantry.operations WHERE id IN (SELECT id FROM"
       " (SELECT id, status, ended_at FROM tenantry.operations ORDER BY id"
       " LIMIT $1) AS oldest WHERE status <> 'open'"
       " AND ended_at COLLATE \"C\" < $2)",
       {std::to_string(kForgottenAtOnce), time}});
  statements.push_back(
      {"DELETE FROM tenantry.runs WHERE started_at COLLATE \"C\" < $1"
       " AND id NOT IN (SELECT run_id FROM tenantry.operations WHERE status = 'open')"
       " AND NOT EXISTS (SELECT 1 FROM (SELECT status, ended_at FROM tenantry.operations"
       " ORDER BY id LIMIT 1) AS oldest WHERE status <> 'open' AND ended_at COLLATE \"C\" < $2)",
       {*runs_before, time}});
  return {};
}

}  // namespace

PostgresWork<void> begin_run(Run const& run) {
  PostgresWork<void> work{{}, &nothing};
  if (!run.history_from.empty()) {
    auto forgotten = forget_before(run.history_from, work.statements);
    if (!forgotten) return refused<void>(forgotten.error());
  }
  work.statements.push_back(
      {"INSERT INTO tenantry.runs (id, command, started_at, \"user\", host, git_commit, run_url,"
       " reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
       {run.id, as_text(run.command), run.started_at, as_text(run.user), as_text(run.host),
        as_text(run.commit), as_text(run.run_url), as_text(run.reason)}});
  return checked(std::move(work));
}

PostgresWork<std::int64_t> begin(Intent const& intent) {
  auto insert = insert_operation(intent, nullptr, {});
  if (!insert) return refused<std::int64_t>(insert.error());
  PostgresWork<std::int64_t> work{{std::move(*insert)},
                                  [](std::span<Rows> results) -> Result<std::int64_t> {
                                    ensure(results[0].next(), "an insert returns its row");
                                    return results[0].integer(0);
                                  },
                                  {intent.address.tenant}};
  return checked(std::move(work));
}

PostgresWork<void> finish(std::int64_t operation, Outcome const& outcome,
                          std::string const& ended_at) {
  if (!is_utf8(outcome.error)) {
    return refused<void>(Error(Errc::invalid, "the error of an outcome is not UTF-8"));
  }
  auto const id = std::to_string(operation);
  std::vector<ResourceRecord> upserts;
  if (outcome.upsert) upserts.push_back(*outcome.upsert);
  std::string tenant;
  if (outcome.upsert) {
    tenant = outcome.upsert->address.tenant;
  } else if (!outcome.removals.empty()) {
    tenant = outcome.removals.front().tenant;
  }
  PostgresWork<void> work;
  work.statements = {
      {"SELECT tenant, status FROM tenantry.operations WHERE id = $1 FOR UPDATE", {id}},
      {"UPDATE tenantry.operations SET status = $2, ended_at = $3, error = $4"
       " WHERE id = $1 AND status = 'open'",
       {id, std::string(status_text(outcome.status)), ended_at, as_text(outcome.error)}}};
  if (!tenant.empty()) {
    auto changed = change_rows(tenant, changes_of(upserts, outcome.removals), Raise::when_different,
                               work.statements);
    if (!changed) return refused<void>(changed.error());
  }
  Address const written{tenant, {}, {}};
  work.accept = [operation, tenant, written](std::span<Rows> results) -> Result<void> {
    auto& known = results[0];
    if (!known.next()) {
      return Error(Errc::not_found, fmt::format("operation {} is not known", operation));
    }
    if (auto const status = known.text(1); status != "open") {
      return Error(Errc::conflict,
                   fmt::format("operation {} has ended already: {}", operation, status));
    }
    if (!tenant.empty() && known.text(0) != tenant) return wrong_tenant(written, known.text(0));
    return {};
  };
  return checked(std::move(work));
}

PostgresWork<void> put(std::string const& tenant, std::vector<ResourceRecord> const& upserts,
                       std::vector<Address> const& removals) {
  PostgresWork<void> work{{}, &nothing, {tenant}};
  auto changed = change_rows(tenant, changes_of(upserts, removals), Raise::always, work.statements);
  if (!changed) return refused<void>(changed.error());
  return checked(std::move(work));
}

PostgresWork<void> move(std::vector<Intent> const& intents,
                        std::vector<ResourceRecord> const& upserts,
                        std::vector<Address> const& removals, std::string const& ended_at) {
  std::map<std::string, Changes> gone;
  std::map<std::string, Changes> here;
  std::set<std::string> tenants;
  for (auto const& address : removals) gone[address.tenant].removals.insert(address);
  for (auto const& record : upserts) here[record.address.tenant].upserts[record.address] = &record;
  PostgresWork<void> work{{}, &nothing};
  // All removals first: a tenant's id may belong to one key at a time.
  for (auto const* const part : {&gone, &here}) {
    for (auto const& [tenant, changes] : *part) {
      auto changed = change_rows(tenant, changes, Raise::never, work.statements);
      if (!changed) return refused<void>(changed.error());
      tenants.insert(tenant);
    }
  }
  for (auto const& tenant : tenants) {
    auto raised = change_rows(tenant, {}, Raise::always, work.statements);
    if (!raised) return refused<void>(raised.error());
    work.tenants.push_back(tenant);
  }
  auto const done = OutcomeStatus::done;
  for (auto const& intent : intents) {
    auto insert = insert_operation(intent, &done, ended_at);
    if (!insert) return refused<void>(insert.error());
    work.statements.push_back(std::move(*insert));
  }
  return checked(std::move(work));
}

PostgresWork<void> mark_applied(std::string const& tenant, std::string const& config_digest,
                                std::string const& applied_at) {
  return checked(PostgresWork<void>{
      {{"INSERT INTO tenantry.tenants AS t (key, config_digest, applied_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (key) DO UPDATE SET config_digest = excluded.config_digest,"
        " applied_at = excluded.applied_at",
        {tenant, config_digest, applied_at}}},
      &nothing,
      {tenant}});
}

PostgresWork<std::int64_t> contribute(Contribution const& contribution, WallTime now) {
  auto const& [group, counter, parts] = contribution;
  PostgresWork<std::int64_t> work;
  work.statements = {
      {"SELECT pg_advisory_xact_lock(pg_catalog.hashtextextended($1 || chr(1) || $2, 1))",
       {group, counter}},
      {"DELETE FROM tenantry.counters WHERE noted_at COLLATE \"C\" < $1",
       {format_time(now - kGroupKept)}}};
  for (auto const& [part, amount] : parts) {
    work.statements.push_back(
        {"INSERT INTO tenantry.counters (run_group, counter, part, amount, noted_at)"
         " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (run_group, counter, part) DO UPDATE SET"
         " amount = excluded.amount, noted_at = excluded.noted_at",
         {group, counter, part, std::to_string(amount), format_time(now)}});
  }
  work.statements.push_back(
      {"SELECT coalesce(sum(amount), 0)::bigint FROM tenantry.counters"
       " WHERE run_group = $1 AND counter = $2",
       {group, counter}});
  work.accept = [](std::span<Rows> results) -> Result<std::int64_t> {
    ensure(results.back().next(), "a sum has a row");
    return results.back().integer(0);
  };
  return checked(std::move(work));
}

PostgresWork<std::map<std::string, std::int64_t>> contributions(std::string const& group,
                                                                std::string const& counter) {
  using Parts = std::map<std::string, std::int64_t>;
  return checked(PostgresWork<Parts>{
      {{"SELECT part, amount FROM tenantry.counters WHERE run_group = $1 AND counter = $2",
        {group, counter}}},
      [](std::span<Rows> results) -> Result<Parts> {
        Parts parts;
        while (results[0].next()) parts.emplace(results[0].text(0), results[0].integer(1));
        return parts;
      }});
}

PostgresWork<std::optional<LockOwner>> lock_owner(std::string const& tenant) {
  // What a dead session has signed counts no more; who just looks whether it is dead shares.
  Statement held{fmt::format("SELECT o.host, o.pid, o.command, o.run_url, o.since"
                             " FROM tenantry.lock_owners AS o JOIN pg_catalog.pg_locks AS l"
                             " ON (l.classid::bigint << 32 | l.objid::bigint) = {}"
                             " WHERE o.tenant = $1 AND l.locktype = 'advisory' AND l.granted"
                             " AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.database ="
                             " (SELECT oid FROM pg_database WHERE datname = current_database())",
                             liveness_key("o.holder")),
                 {tenant}};
  return checked(PostgresWork<std::optional<LockOwner>>{
      {std::move(held)}, [](std::span<Rows> results) -> Result<std::optional<LockOwner>> {
        auto& rows = results[0];
        if (!rows.next()) return std::optional<LockOwner>();
        return std::optional(
            LockOwner{rows.text(0), rows.integer(1), rows.text(2), rows.text(3), rows.text(4)});
      }});
}

}  // namespace tenantry::state::postgres_journal
