// The tables of a local state, for copying.
#include <fmt/format.h>

#include "state/state_file.hpp"
#include "state/state_tables.hpp"

namespace tenantry::state {
namespace {

constexpr std::chrono::seconds kBusyMax{30};

std::string column_list(TableLayout const& table, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", table.columns[i]);
  }
  return text;
}

class LocalTables final : public StateTables {
 public:
  explicit LocalTables(Connection db) : db_(std::move(db)) {}

  std::string const& location() const override { return db_.location(); }
  Result<void> begin() override { return db_.query("BEGIN IMMEDIATE").run(); }
  Result<void> commit() override { return db_.query("COMMIT").run(); }
  void rollback() override {
    if (db_.in_transaction()) (void)db_.query("ROLLBACK").run();
  }

  Result<StateHead> head() override {
    auto rows =
        db_.query("SELECT lineage, salt, created_at, moved_to, moved_at, arriving_from FROM meta");
    auto const row = rows.next();
    if (!row) return row.error();
    if (!*row) {
      return corrupt_error(fmt::format("the state {} has lost its head", location()), location());
    }
    return StateHead{
        rows.text(0), rows.text(1), rows.text(2), {rows.text(3), rows.text(4), rows.text(5)}};
  }

  Result<void> set_head(StateHead const& head) override {
    return db_
        .query(
            "UPDATE meta SET lineage = ?, salt = ?, created_at = ?, moved_to = ?, moved_at = ?,"
            " arriving_from = ?")
        .with(head.lineage, head.salt, head.created_at, head.tombstone.moved_to,
              head.tombstone.moved_at, head.tombstone.arriving_from)
        .run();
  }

  Result<std::set<std::string>> tenants() override {
    auto rows = db_.query(
        "SELECT tenant FROM lock_owners UNION SELECT key FROM tenants"
        " UNION SELECT tenant FROM operations");
    std::set<std::string> keys;
    while (true) {
      auto const row = rows.next();
      if (!row) return row.error();
      if (!*row) return keys;
      keys.insert(rows.text(0));
    }
  }

  Result<void> each_row(TableLayout const& table,
                        std::function<Result<void>(TextRow const&)> const& take) override {
    auto rows = db_.query(fmt::format("SELECT {} FROM {} ORDER BY {}",
                                      column_list(table, table.columns.size()), table.name,
                                      column_list(table, table.key_columns)));
    TextRow values(table.columns.size());
    while (true) {
      auto const row = rows.next();
      if (!row) return row.error();
      if (!*row) return {};
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = rows.text(static_cast<int>(i));
      auto taken = take(values);
      if (!taken) return taken;
    }
  }

  Result<void> add_rows(TableLayout const& table, std::span<TextRow const> rows) override {
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i) places += i == 0 ? "?" : ", ?";
    // The columns' types turn numbers that are given as text into numbers.
    auto const sql = fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name,
                                 column_list(table, table.columns.size()), places);
    for (auto const& row : rows) {
      auto insert = db_.query(sql);
      for (auto const& value : row) insert.with(value);
      auto added = insert.run();
      if (!added) return added;
    }
    return {};
  }

  Result<void> clear() override {
    auto const tables = table_layouts();
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
      auto cleared = db_.query(fmt::format("DELETE FROM {}", table->name)).run();
      if (!cleared) return cleared;
    }
    return {};
  }

  Result<void> settle() override { return {}; }  // AUTOINCREMENT knows the highest number

 private:
  Connection db_;
};

}  // namespace

Result<std::unique_ptr<StateTables>> detail::open_local_tables(std::filesystem::path const& path) {
  auto const located = locate_state_file(path);
  if (!located) return located.error();
  auto db = open_state_file(*located, Access::write, kBusyMax);
  if (!db) return db.error();
  auto sound = check_state(*db, Depth::whole);
  if (!sound) return sound.error();
  auto migrated = migrate(*db, migrations());
  if (!migrated) return migrated.error();
  return std::unique_ptr<StateTables>(std::make_unique<LocalTables>(std::move(*db)));
}

}  // namespace tenantry::state
