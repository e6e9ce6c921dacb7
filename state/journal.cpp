#include "state/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "engine/core/text.hpp"
#include "state/history_limit.hpp"
#include "state/rows.hpp"

namespace tenantry::state::journal {
namespace {

Error wrong_tenant(Address const& address, std::string const& tenant) {
  return {Errc::internal, fmt::format("a row of {} was to be written with {}",
                                      visible(address.text()), visible(tenant))};
}

Error unreadable(Connection const& db, Error const& why) {
  return corrupt_error(fmt::format("the state {} is damaged: {}", db.location(), why.message),
                       db.location());
}

Result<void> add_tenant(Connection& db, std::string const& tenant) {
  return db.query("INSERT INTO tenants (key) VALUES (?) ON CONFLICT DO NOTHING").with(tenant).run();
}

/// A row is different now: the state is no longer that of the last complete apply, until
/// mark_applied says so again.
Result<void> raise_serial(Connection& db, std::string const& tenant) {
  return db.query("UPDATE tenants SET serial = serial + 1, config_digest = '' WHERE key = ?")
      .with(tenant)
      .run();
}

/// True when the row was not there like this before.
Result<bool> write_row(Connection& db, ResourceRecord const& record) {
  auto const row = encode(record);
  if (!row) return row.error();
  auto const& a = record.address;
  auto written =
      db.query(
            "INSERT INTO resources (tenant, section, key, remote_id, applied, observed, secrets,"
            " extra, prevent_destroy, depends_on, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant, section, key) DO UPDATE SET remote_id = excluded.remote_id,"
            " applied = excluded.applied, observed = excluded.observed,"
            " secrets = excluded.secrets, extra = excluded.extra,"
            " prevent_destroy = excluded.prevent_destroy, depends_on = excluded.depends_on,"
            " created_at = excluded.created_at, updated_at = excluded.updated_at"
            " WHERE (remote_id, applied, observed, secrets, extra, prevent_destroy, depends_on,"
            " created_at, updated_at) IS NOT (excluded.remote_id, excluded.applied,"
            " excluded.observed, excluded.secrets, excluded.extra, excluded.prevent_destroy,"
            " excluded.depends_on, excluded.created_at, excluded.updated_at)")
          .with(a.tenant, a.section, a.key, record.id.text(), row->applied, row->observed,
                row->secrets, row->extra, record.prevent_destroy, row->depends_on,
                record.created_at, record.updated_at)
          .run();
  if (!written) return written.error();
  return db.changes() > 0;
}

Result<bool> remove_row(Connection& db, Address const& a) {
  auto removed = db.query("DELETE FROM resources WHERE tenant = ? AND section = ? AND key = ?")
                     .with(a.tenant, a.section, a.key)
                     .run();
  if (!removed) return removed.error();
  return db.changes() > 0;
}

/// Removals first: a row may be written again under an address that is given up. True when
/// anything is different now.
Result<bool> change_rows(Connection& db, std::string const& tenant,
                         std::vector<ResourceRecord const*> const& upserts,
                         std::vector<Address> const& removals) {
  bool changed = false;
  for (auto const& address : removals) {
    if (address.tenant != tenant) return wrong_tenant(address, tenant);
    auto const removed = remove_row(db, address);
    if (!removed) return removed.error();
    changed = changed || *removed;
  }
  if (upserts.empty() && !changed) return false;
  auto known = add_tenant(db, tenant);
  if (!known) return known.error();
  for (auto const* record : upserts) {
    if (record->address.tenant != tenant) return wrong_tenant(record->address, tenant);
    auto const written = write_row(db, *record);
    if (!written) return written.error();
    changed = changed || *written;
  }
  return changed;
}

Result<void> read_resources(Connection& db, TenantState& state) {
  auto rows = db.query(
      "SELECT section, key, remote_id, applied, observed, secrets, extra, prevent_destroy,"
      " depends_on, created_at, updated_at FROM resources WHERE tenant = ?"
      " ORDER BY section, key");
  rows.with(state.key);
  while (true) {
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) return {};
    auto record = decode_record(rows, state.key);
    if (!record) return unreadable(db, record.error());
    auto address = record->address;
    state.resources.emplace_hint(state.resources.end(), std::move(address), std::move(*record));
  }
}

Result<void> read_open(Connection& db, TenantState& state) {
  auto rows = db.query(
      "SELECT id, tenant, section, key, action, request_digest, natural_key, remote_id, before,"
      " planned, context, run_id, started_at FROM operations"
      " WHERE tenant = ? AND status = 'open' ORDER BY id");
  rows.with(state.key);
  while (true) {
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) return {};
    auto intent = decode_intent(rows, 1);
    if (!intent) return unreadable(db, intent.error());
    state.open.push_back({rows.integer(0), std::move(*intent)});
  }
}

}  // namespace

Result<std::vector<std::string>> tenants(Connection& db) {
  // A look-up for each tenant: to go through the rows would read the whole state.
  auto rows = db.query(
      "SELECT key FROM tenants"
      " WHERE EXISTS (SELECT 1 FROM resources WHERE resources.tenant = tenants.key)"
      " UNION SELECT tenant FROM operations WHERE status = 'open' ORDER BY 1");
  std::vector<std::string> keys;
  while (true) {
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) return keys;
    keys.push_back(rows.text(0));
  }
}

Result<TenantState> load(Connection& db, std::string const& tenant) {
  TenantState state;
  state.key = tenant;
  {
    auto head = db.query("SELECT serial, config_digest, applied_at FROM tenants WHERE key = ?");
    auto const row = head.with(tenant).next();
    if (!row) return row.error();
    if (*row) {
      state.serial = head.integer(0);
      state.config_digest = head.text(1);
      state.applied_at = head.text(2);
    }
  }
  auto read = read_resources(db, state);
  if (!read) return read.error();
  read = read_open(db, state);
  if (!read) return read.error();
  return state;
}

Result<std::vector<HistoryEntry>> history(Connection& db, std::string const& tenant,
                                          std::size_t entries_max) {
  constexpr std::string_view kEntries =
      "SELECT o.id, o.tenant, o.section, o.key, o.action, o.request_digest, o.natural_key,"
      " o.remote_id, o.before, o.planned, o.context, o.run_id, o.started_at, o.status, o.ended_at,"
      " o.error, r.command, r.started_at, r.user, r.host, r.git_commit, r.run_url, r.reason"
      " FROM operations AS o LEFT JOIN runs AS r ON r.id = o.run_id {} ORDER BY o.id DESC LIMIT ?";
  auto const limit = static_cast<std::int64_t>(
      std::min<std::size_t>(entries_max, std::numeric_limits<std::int64_t>::max()));
  auto rows = db.query(fmt::format(kEntries, tenant.empty() ? "" : "WHERE o.tenant = ?"));
  if (!tenant.empty()) rows.with(tenant);
  rows.with(limit);
  std::vector<HistoryEntry> entries;
  while (true) {
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) break;
    auto intent = decode_intent(rows, 1);
    if (!intent) return unreadable(db, intent.error());
    Run run{intent->run_id, rows.text(16), rows.text(17), rows.text(18),
            rows.text(19),  rows.text(20), rows.text(21), rows.text(22)};
    entries.push_back({rows.integer(0), std::move(run), std::move(*intent), rows.text(13),
                       rows.text(14), rows.text(15)});
  }
  std::ranges::reverse(entries);
  return entries;
}

namespace {

/// The oldest operations that have ended, and, once none that ended before that time is left, runs.
Result<void> forget_before(Connection& db, std::string const& time) {
  auto const runs_before = older_runs(time);
  if (!runs_before) return runs_before.error();
  auto forgotten = db.query(
                         "DELETE FROM operations WHERE id IN (SELECT id FROM"
                         " (SELECT id, status, ended_at FROM operations ORDER BY id LIMIT ?)"
                         " WHERE status <> 'open' AND ended_at < ?)")
                       .with(kForgottenAtOnce, time)
                       .run();
  if (!forgotten) return forgotten;
  return db
      .query(
          "DELETE FROM runs WHERE started_at < ?"
          " AND id NOT IN (SELECT run_id FROM operations WHERE status = 'open')"
          " AND NOT EXISTS (SELECT 1 FROM (SELECT status, ended_at FROM operations"
          " ORDER BY id LIMIT 1) AS oldest WHERE status <> 'open' AND ended_at < ?)")
      .with(*runs_before, time)
      .run();
}

}  // namespace

Result<void> begin_run(Connection& db, Run const& run) {
  if (!run.history_from.empty()) {
    auto forgotten = forget_before(db, run.history_from);
    if (!forgotten) return forgotten;
  }
  return db
      .query(
          "INSERT INTO runs (id, command, started_at, user, host, git_commit, run_url, reason)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .with(run.id, run.command, run.started_at, run.user, run.host, run.commit, run.run_url,
            run.reason)
      .run();
}

Result<std::int64_t> begin(Connection& db, Intent const& intent) {
  auto const row = encode(intent);
  if (!row) return row.error();
  auto const& a = intent.address;
  auto written =
      db.query(
            "INSERT INTO operations (tenant, section, key, action, request_digest, natural_key,"
            " remote_id, before, planned, context, run_id, started_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
          .with(a.tenant, a.section, a.key, intent.action, intent.request_digest,
                intent.natural_key, intent.id.text(), row->before, row->planned, row->context,
                intent.run_id, intent.started_at)
          .run();
  if (!written) return written.error();
  return db.last_id();
}

namespace {

/// The tenant of an operation that has no outcome yet.
Result<std::string> tenant_of_open(Connection& db, std::int64_t operation) {
  auto rows = db.query("SELECT tenant, status FROM operations WHERE id = ?");
  auto const row = rows.with(operation).next();
  if (!row) return row.error();
  if (!*row) return Error(Errc::not_found, fmt::format("operation {} is not known", operation));
  if (auto const status = rows.text(1); status != "open") {
    return Error(Errc::conflict,
                 fmt::format("operation {} has ended already: {}", operation, status));
  }
  return rows.text(0);
}

}  // namespace

Result<void> finish(Connection& db, std::int64_t operation, Outcome const& outcome,
                    std::string const& ended_at) {
  auto const tenant = tenant_of_open(db, operation);
  if (!tenant) return tenant.error();
  if (!is_utf8(outcome.error)) return Error(Errc::invalid, "the error of an outcome is not UTF-8");
  auto ended = db.query("UPDATE operations SET status = ?, ended_at = ?, error = ? WHERE id = ?")
                   .with(status_text(outcome.status), ended_at, outcome.error, operation)
                   .run();
  if (!ended) return ended.error();
  std::vector<ResourceRecord const*> upserts;
  if (outcome.upsert) upserts.push_back(&*outcome.upsert);
  auto const changed = change_rows(db, *tenant, upserts, outcome.removals);
  if (!changed) return changed.error();
  return *changed ? raise_serial(db, *tenant) : Result<void>();
}

Result<void> put(Connection& db, std::string const& tenant,
                 std::vector<ResourceRecord> const& upserts, std::vector<Address> const& removals) {
  std::vector<ResourceRecord const*> rows;
  rows.reserve(upserts.size());
  for (auto const& record : upserts) rows.push_back(&record);
  auto const changed = change_rows(db, tenant, rows, removals);
  if (!changed) return changed.error();
  auto known = add_tenant(db, tenant);
  if (!known) return known.error();
  return raise_serial(db, tenant);
}

Result<void> move(Connection& db, std::vector<Intent> const& intents,
                  std::vector<ResourceRecord> const& upserts, std::vector<Address> const& removals,
                  std::string const& ended_at) {
  // All removals first: a tenant's id may belong to one key at a time.
  std::set<std::string> tenants;
  for (auto const& address : removals) {
    tenants.insert(address.tenant);
    auto const removed = remove_row(db, address);
    if (!removed) return removed.error();
  }
  for (auto const& record : upserts) {
    tenants.insert(record.address.tenant);
    auto written = change_rows(db, record.address.tenant, {&record}, {});
    if (!written) return written.error();
  }
  for (auto const& tenant : tenants) {
    auto raised = put(db, tenant, {}, {});
    if (!raised) return raised;
  }
  for (auto const& intent : intents) {
    auto const operation = begin(db, intent);
    if (!operation) return operation.error();
    auto ended = finish(db, *operation, Outcome{}, ended_at);
    if (!ended) return ended.error();
  }
  return {};
}

Result<void> mark_applied(Connection& db, std::string const& tenant,
                          std::string const& config_digest, std::string const& applied_at) {
  return db
      .query(
          "INSERT INTO tenants (key, config_digest, applied_at) VALUES (?, ?, ?)"
          " ON CONFLICT DO UPDATE SET config_digest = excluded.config_digest,"
          " applied_at = excluded.applied_at")
      .with(tenant, config_digest, applied_at)
      .run();
}

Result<std::optional<std::int64_t>> lock_slot(Connection& db, std::string const& tenant) {
  auto rows = db.query("SELECT slot FROM lock_owners WHERE tenant = ?");
  auto const row = rows.with(tenant).next();
  if (!row) return row.error();
  return *row ? std::optional(rows.integer(0)) : std::nullopt;
}

Result<std::int64_t> assign_lock_slot(Connection& db, std::string const& tenant) {
  auto rows = db.query(
      "INSERT INTO lock_owners (tenant, slot)"
      " VALUES (?, (SELECT COALESCE(MAX(slot), 0) + 1 FROM lock_owners))"
      " ON CONFLICT (tenant) DO UPDATE SET slot = slot RETURNING slot");
  auto const row = rows.with(tenant).next();
  if (!row) return row.error();
  auto const slot = rows.integer(0);
  auto ended = rows.run();
  if (!ended) return ended.error();
  return slot;
}

Result<std::optional<LockOwner>> lock_owner(Connection& db, std::string const& tenant) {
  auto rows = db.query(
      "SELECT host, pid, command, run_url, since FROM lock_owners"
      " WHERE tenant = ? AND since <> ''");
  auto const row = rows.with(tenant).next();
  if (!row) return row.error();
  if (!*row) return std::optional<LockOwner>();
  return std::optional(
      LockOwner{rows.text(0), rows.integer(1), rows.text(2), rows.text(3), rows.text(4)});
}

Result<void> set_lock_owner(Connection& db, std::string const& tenant, LockOwner const& owner) {
  return db
      .query(
          "UPDATE lock_owners SET host = ?, pid = ?, command = ?, run_url = ?, since = ?"
          " WHERE tenant = ?")
      .with(owner.host, owner.pid, owner.command, owner.run_url, owner.since, tenant)
      .run();
}

}  // namespace tenantry::state::journal
