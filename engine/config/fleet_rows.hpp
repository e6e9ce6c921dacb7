// The rows of a fleet's file, kept so small that 100,000 of them are no burden: cells are unpacked
// when their tenant is worked on.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/packing.hpp"
#include "engine/config/tree.hpp"

namespace tenantry::config {

/// A cell of a row: a text, a number, true or false, a list or a map; null where it is empty.
struct Cell {
  Value value = nullptr;
  Mark where;
  bool is_broken = false;  ///< what the file has there has been reported
};

class FleetRows;

/// One row, unpacked. Its table must outlive it.
class FleetRow {
 public:
  /// The cell of a column by its number.
  Cell const& cell(std::size_t column) const { return cells_[column]; }
  std::size_t size() const { return cells_.size(); }
  FleetRows const& table() const { return *table_; }
  /// What `${row.PATH}` stands for.
  struct Found {
    Cell const* cell;
    /// The cell's, or a member of it (null where a map has none of this name); nullptr where the
    /// path leads into something that is no map.
    Value const* value;
    std::size_t column = 0;
    bool is_whole = true;  ///< the path is the name of the column
    bool is_empty() const { return value != nullptr && value->is_null() && !cell->is_broken; }
  };
  /// The cell of the column that the path names, or that it begins with up to a dot. Nothing where
  /// there is no such column.
  std::optional<Found> find(std::string_view path) const;
  /// Where the row begins.
  Mark const& where() const { return where_; }
  /// The row does not fit the columns, which has been reported: only its key may be asked for.
  bool is_broken() const { return is_broken_; }
  /// The name of the column whose cell begins there; "" where none does.
  std::string_view column_at(SourceRange const& place) const;

 private:
  friend class FleetRows;
  FleetRows const* table_ = nullptr;
  Mark where_;
  std::vector<Cell> cells_;  ///< one for each column
  bool is_broken_ = false;
};

class FleetRows {
 public:
  /// Whether every column is known without a look at the rows.
  enum class Header { none, written };

  /// `source` must outlive the table.
  explicit FleetRows(Source const& source, Header header = Header::none)
      : source_(&source), header_(header) {}

  Source const& source() const { return *source_; }
  std::vector<std::string> const& columns() const { return columns_; }
  std::optional<std::size_t> find_column(std::string_view name) const;
  /// The number of a column, which is added where it is new.
  std::size_t add_column(std::string_view name);
  /// False where the file may have columns that no row has shown.
  bool knows_columns() const {
    return header_ == Header::written || starts_.size() > broken_.size();
  }
  /// True where a row has a map there, or where nothing speaks against it.
  bool may_hold_maps(std::size_t column) const;

  /// Begins the next row; cells are then added to it, in any order, each column once.
  void begin_row(Mark const& where);
  void add_cell(std::size_t column, Mark const& where, Value const& value);
  void add_broken_cell(std::size_t column, Mark const& where);
  /// Marks the row that was begun last.
  void break_row();

  std::size_t size() const { return starts_.size(); }
  /// Bytes of memory that the rows take.
  std::size_t bytes() const { return packed_.capacity() + starts_.capacity() * sizeof(Start); }
  FleetRow row(std::size_t number) const;
  /// A row whose cells are empty.
  FleetRow blank_row() const;

 private:
  struct Start {
    std::uint64_t offset = 0;
    std::int32_t line = 0;
    std::int32_t column = 0;
  };

  Source const* source_;
  Header header_;
  std::vector<std::string> columns_;
  std::vector<bool> has_maps_;                               ///< by column
  std::vector<bool> has_others_;                             ///< by column: values that are no maps
  std::map<std::string, std::size_t, std::less<>> numbers_;  ///< of columns, by name
  std::vector<Start> starts_;
  std::vector<std::size_t> broken_;  ///< numbers of rows, rising
  PackedBytes packed_;
};

}  // namespace tenantry::config
