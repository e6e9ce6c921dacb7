// The file of a fleet: CSV, YAML or JSON into rows of typed cells.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/config/fleet_rows.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

inline constexpr std::size_t kCsvBytesMax = 512U << 20;
inline constexpr std::size_t kRowsMax = 1'000'000;

enum class ColumnType { any, text, number, integer, boolean, list };

/// What the configuration says of a column.
struct ColumnRule {
  std::string name;
  Mark where;
  ColumnType type = ColumnType::any;  ///< any: a text in CSV, as it is written in YAML and JSON
  std::string separator = ";";        ///< between the elements of a list that is written as a text
  std::string header;                 ///< what the file calls it; empty: its name
};

/// What the file calls the column.
inline std::string const& header_of(ColumnRule const& rule) {
  return rule.header.empty() ? rule.name : rule.header;
}

struct FleetFormat {
  char separator = ',';  ///< between the cells of CSV
  std::vector<ColumnRule> columns;
};

/// Reads the file of `source`, which by its name is CSV, or YAML or JSON: a list of maps, or a map
/// of maps whose keys become the column "key". An empty cell, an empty text and null are null. What
/// is wrong with a row is reported at its cell, and marked in the table. Rows without a value are
/// left out.
/// nullptr (reported) where nothing can be read at all.
std::unique_ptr<FleetRows> read_fleet_file(Source const& source, FleetFormat const& format,
                                           Reporter& reporter);

/// True for a name whose ending says that it can be read.
bool is_fleet_file(std::string_view name);

}  // namespace tenantry::config
