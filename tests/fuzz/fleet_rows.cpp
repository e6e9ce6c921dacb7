// The file of a fleet, as CSV, as YAML, and as the rows of a configuration. Input: the file.
#include <algorithm>

#include "engine/config/configuration.hpp"
#include "engine/config/csv_reader.hpp"
#include "engine/config/fleet_file.hpp"
#include "engine/core/text.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::fuzz {
namespace {

using config::CsvCell;
using config::CsvReader;
using config::FleetRows;

constexpr std::string_view kConfiguration = R"(apiVersion: tenantry/v1
fleets:
  rows:
    from: rows.%
    columns: {origins: list, seats: integer, trial: boolean}
    key: ${row.id}
    region: ${row.region:-eu}
    name: ${row.name}
    groups:
      analysts: {name: "${row.id} ${row.name:-}", description: "${row.seats:-}"}
    webIntegrations:
      portal: {when: "${row.origins:-}", name: Portal, validOrigins: "${row.origins}"}
)";

/// All records, or the place of the problem: what does not depend on how the input is cut.
std::string records(std::string_view input, std::size_t chunk) {
  std::size_t at = 0;
  CsvReader reader(
      [&](char* buffer, std::size_t size) {
        auto const count = std::min({chunk, size, input.size() - at});
        std::ranges::copy(input.substr(at, count), buffer);
        at += count;
        return count;
      },
      ',');
  std::vector<CsvCell> cells;
  std::string out;
  int line = 0;
  while (reader.next(cells)) {
    ensure(!cells.empty(), "a record has a cell");
    for (auto const& cell : cells) {
      ensure(is_utf8(cell.text), "a cell is UTF-8");
      ensure(cell.line >= line && cell.column > 0, "places go forward");
      line = cell.line;
      out += std::to_string(cell.line) + ':' + std::to_string(cell.column) + '=' + cell.text + '\n';
    }
  }
  if (auto const& problem = reader.problem()) {
    ensure(problem->line > 0 && problem->column > 0, "a problem has a place");
    out += std::to_string(problem->line) + ':' + std::to_string(problem->column) + problem->summary;
  }
  return out;
}

/// What is packed comes back as it was.
void check_packing(std::string_view input) {
  config::Source const source{"rows.csv", "rows.csv"};
  FleetRows rows(source);
  auto const column = rows.add_column("a");
  auto const other = rows.add_column("b");
  std::vector<Value> const values{Value(input), Array{Value(input), Value("x")},
                                  Object{{"a", Value(input)}},
                                  std::int64_t{-1} * static_cast<std::int64_t>(input.size()), 0.5};
  for (auto const& value : values) {
    rows.begin_row({&source, 7, 1});
    rows.add_cell(other, {&source, 9, 3}, value);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto const row = rows.row(i);
    ensure(row.cell(column).value.is_null(), "a cell that was not written is empty");
    ensure(row.cell(other).value == values[i], "a cell keeps its value");
    ensure(row.cell(other).where == config::Mark{&source, 9, 3}, "a cell keeps its place");
  }
}

void check_configuration(std::string_view input, std::string_view ending) {
  static test::TempFolder folder;
  std::string text(kConfiguration);
  text.replace(text.find('%'), 1, ending);
  folder.write("tenantry.yaml", text);
  folder.write("rows." + std::string(ending), input);
  config::LoadOptions options;
  options.folder = folder.path();
  options.schemas = qlik_provider().schemas();
  options.target = config::Target::emulated;
  auto const loaded = config::load(options);
  ensure((loaded.configuration == nullptr) == loaded.diagnostics.has_errors(),
         "a configuration is there unless there is an error");
  for (auto const& diagnostic : loaded.diagnostics.sorted()) {
    ensure(diagnostic.where.known() && diagnostic.where.line > 0, "a message has a place");
    ensure(is_plain(format(diagnostic)), "a message cannot move the cursor");
  }
  if (loaded.configuration == nullptr) return;
  for (auto const& summary : loaded.configuration->tenants()) {
    auto const tenant = loaded.configuration->expand(summary.key);
    ensure(tenant.summary.fleet == "rows", "a row remembers its fleet");
    ensure(tenant.digest == loaded.configuration->expand(summary.key).digest,
           "a row gives the same tenant each time");
  }
}

}  // namespace

void fleet_rows(std::string_view input) {
  auto const whole = records(input, input.size() + 1);
  ensure(records(input, 1) == whole, "records do not depend on how the input is cut");
  if (is_utf8(input)) check_packing(input);
  check_configuration(input, "csv");
  check_configuration(input, "yaml");
  check_configuration(input, "json");
}

}  // namespace tenantry::fuzz
