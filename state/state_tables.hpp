// A state from inside, table by table: what copying it to another place needs.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "state/location.hpp"
#include "state/tombstone.hpp"

namespace tenantry::state {

/// A table that both backends have. What only one of them needs (locks, sessions) is not copied.
struct TableLayout {
  std::string_view name;
  std::vector<std::string_view> columns;
  std::size_t key_columns = 1;  ///< the first ones, by which rows are ordered
};

/// In an order in which they can be filled: what a row refers to comes first.
std::span<TableLayout const> table_layouts();

/// The values of a row as text, in the order of the columns.
using TextRow = std::vector<std::string>;

struct StateHead {
  std::string lineage;
  std::string salt;
  std::string created_at;
  Tombstone tombstone;
};

/// A connection of its own, used by one thread. Calls block. Errors of all: those of the backend.
class StateTables {
 public:
  virtual ~StateTables() = default;
  virtual std::string const& location() const = 0;

  /// A transaction in which nobody else writes the state. It ends by commit(), or is undone by
  /// rollback() or the object's end.
  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  virtual Result<StateHead> head() = 0;
  virtual Result<void> set_head(StateHead const& head) = 0;
  /// Keys of all tenants that were ever locked, or have a row or an operation.
  virtual Result<std::set<std::string>> tenants() = 0;

  virtual Result<void> each_row(TableLayout const& table,
                                std::function<Result<void>(TextRow const&)> const& take) = 0;
  virtual Result<void> add_rows(TableLayout const& table, std::span<TextRow const> rows) = 0;
  /// Removes every row of the tables above.
  virtual Result<void> clear() = 0;
  /// After the last add_rows: the next number of an operation is a new one.
  virtual Result<void> settle() = 0;
};

/// Opens a state that is there. Unlike open_store, also one that was moved away.
Result<std::unique_ptr<StateTables>> open_tables(StateLocation const& location);
/// Makes a new state where none is.
Result<std::unique_ptr<StateTables>> make_tables(StateLocation const& location, Clock& clock,
                                                 Random& random);

namespace detail {
Result<std::unique_ptr<StateTables>> open_local_tables(std::filesystem::path const& path);
Result<std::unique_ptr<StateTables>> open_postgres_tables(PostgresDsn const& dsn, OpenMode mode,
                                                          Clock& clock, Random& random);
}  // namespace detail

}  // namespace tenantry::state
