// The tables of a state in PostgreSQL, for copying.
#include <fmt/format.h>

#include "state/postgres_schema.hpp"
#include "state/postgres_session.hpp"
#include "state/state_tables.hpp"

namespace tenantry::state {
namespace {

/// Rows that are asked for, or sent, at once.
constexpr std::size_t kRowsAtOnce = 1'000;

std::string column_list(TableLayout const& table, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", table.columns[i]);
  }
  return text;
}

class PostgresTables final : public StateTables {
 public:
  explicit PostgresTables(PostgresConnection db) : db_(std::move(db)) {}

  std::string const& location() const override { return db_.location(); }

  Result<void> begin() override {
    // Who writes shares this lock for the time of its transaction.
    return say({{"BEGIN ISOLATION LEVEL READ COMMITTED", {}},
                {fmt::format("SELECT pg_advisory_xact_lock({})", kStateLockKey), {}}});
  }
  Result<void> commit() override { return say({{"COMMIT", {}}}); }
  void rollback() override { (void)say({{"ROLLBACK", {}}}); }

  Result<StateHead> head() override {
    auto rows =
        db_.run({"SELECT lineage, salt, created_at, moved_to, moved_at, arriving_from"
                 " FROM tenantry.meta",
                 {}});
    if (!rows) return rows.error();
    if (!rows->next()) {
      return Error(Errc::corrupt, fmt::format("the state {} has lost its head", location()));
    }
    return StateHead{
        rows->text(0), rows->text(1), rows->text(2), {rows->text(3), rows->text(4), rows->text(5)}};
  }

  Result<void> set_head(StateHead const& head) override {
    return say(
        {{"UPDATE tenantry.meta SET lineage = $1, salt = $2, created_at = $3,"
          " moved_to = $4, moved_at = $5, arriving_from = $6",
          {head.lineage, head.salt, head.created_at, head.tombstone.moved_to,
           head.tombstone.moved_at, head.tombstone.arriving_from}}});
  }

  Result<std::set<std::string>> tenants() override {
    auto rows =
        db_.run({"SELECT tenant FROM tenantry.lock_owners UNION"
                 " SELECT key FROM tenantry.tenants UNION"
                 " SELECT tenant FROM tenantry.operations",
                 {}});
    if (!rows) return rows.error();
    std::set<std::string> keys;
    while (rows->next()) keys.insert(rows->text(0));
    return keys;
  }

  Result<void> each_row(TableLayout const& table,
                        std::function<Result<void>(TextRow const&)> const& take) override {
    // A name for each table: what a prepared FETCH gives must stay the same.
    auto declared = say({{fmt::format("DECLARE copied_{1} NO SCROLL CURSOR FOR SELECT {0} FROM"
                                      " tenantry.{1} ORDER BY {2}",
                                      column_list(table, table.columns.size()), table.name,
                                      column_list(table, table.key_columns)),
                          {}}});
    if (!declared) return declared;
    TextRow values(table.columns.size());
    while (true) {
      auto rows = db_.run({fmt::format("FETCH {} FROM copied_{}", kRowsAtOnce, table.name), {}});
      if (!rows) return rows.error();
      if (rows->size() == 0) break;
      while (rows->next()) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          values[i] = rows->text(static_cast<int>(i));
        }
        auto taken = take(values);
        if (!taken) return taken;
      }
    }
    return say({{fmt::format("CLOSE copied_{}", table.name), {}}});
  }

  Result<void> add_rows(TableLayout const& table, std::span<TextRow const> rows) override {
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      places += fmt::format("{}${}", i == 0 ? "" : ", ", i + 1);
    }
    auto const sql = fmt::format("INSERT INTO tenantry.{} ({}) VALUES ({})", table.name,
                                 column_list(table, table.columns.size()), places);
    std::vector<Statement> statements;
    for (auto const& row : rows) statements.push_back({sql, row});
    return say(statements);
  }

  Result<void> clear() override {
    std::vector<Statement> statements;
    auto const tables = table_layouts();
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
      statements.push_back({fmt::format("DELETE FROM tenantry.{}", table->name), {}});
    }
    return say(statements);
  }

  Result<void> settle() override {
    return say(
        {{"SELECT setval(pg_get_serial_sequence('tenantry.operations', 'id'),"
          " coalesce(max(id), 0) + 1, false) FROM tenantry.operations",
          {}}});
  }

 private:
  Result<void> say(std::vector<Statement> const& statements) {
    auto done = db_.run(statements);
    if (!done) return done.error();
    return {};
  }

  PostgresConnection db_;
};

}  // namespace

Result<std::unique_ptr<StateTables>> detail::open_postgres_tables(PostgresDsn const& dsn,
                                                                  OpenMode mode, Clock& clock,
                                                                  Random& random) {
  auto db = PostgresConnection::open(dsn, {});
  if (!db) return db.error();
  auto const head = prepare_state(*db, mode, clock, random);
  if (!head) return head.error();
  return std::unique_ptr<StateTables>(std::make_unique<PostgresTables>(std::move(*db)));
}

}  // namespace tenantry::state
