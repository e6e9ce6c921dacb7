// Cells of a fleet's file into its table, as `columns` says.
#pragma once
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/fleet_file.hpp"

namespace tenantry::config {

/// The text without the blanks around it.
std::string_view trimmed(std::string_view text);

/// Puts rows into the table. What is wrong with a cell is reported, and marked there.
class FleetWriter {
 public:
  /// All must outlive the writer.
  FleetWriter(FleetRows& rows, FleetFormat const& format, Reporter& reporter)
      : rows_(rows), format_(format), reporter_(reporter) {}

  /// The number of the column that the file calls `header`, added where it is new.
  std::size_t column(std::string_view header);
  /// Reports what no column of the file is meant by.
  void check_columns(Mark const& at_header) const;

  void begin(Mark const& where);
  /// What is wrong with the row has been reported: it is kept for its key alone.
  void break_row() { broken_ = true; }
  /// A text becomes what its column holds.
  void add(std::size_t column, Mark const& where, Value value);
  /// False where there are too many of them.
  bool end();

 private:
  ColumnRule const* rule_of(std::string_view header) const;

  FleetRows& rows_;
  FleetFormat const& format_;
  Reporter& reporter_;
  std::vector<ColumnRule const*> rules_;  ///< by column; nullptr: none
  Mark where_;
  std::vector<std::pair<std::size_t, Cell>> cells_;
  bool broken_ = false;
  bool empty_ = true;
};

}  // namespace tenantry::config
