#include "engine/run/fleet_membership.hpp"

#include <fmt/format.h>

#include "engine/run/situation.hpp"

namespace tenantry::run {
namespace {
constexpr std::string_view kFleet = "fleet";
}

std::string fleet_of(state::ResourceRecord const& row) { return text_at(row.extra, kFleet); }

void note_fleet(state::ResourceRecord& row, std::string const& fleet) {
  if (fleet.empty()) {
    row.extra.erase(kFleet);
  } else {
    row.extra[kFleet] = fleet;
  }
}

Result<void> check_missing_row(config::Configuration const& configuration,
                               state::TenantState const& state) {
  auto const* row = state.find({state.key, {}, {}});
  if (row == nullptr || is_disabled(*row)) return {};
  auto const found = configuration.fleets().find(fleet_of(*row));
  if (found == configuration.fleets().end()) return {};
  auto const& fleet = found->second;
  if (fleet.rows == 0) {
    return Error(Errc::guard,
                 fmt::format("{}: {} has no rows, but the state has {} of this fleet",
                             fleet.where.text(), fleet.file, state.key),
                 "an empty file never means that all are to go: put the rows back, or take the "
                 "fleet out of the configuration");
  }
  if (fleet.on_missing_row == config::MissingRow::deactivate) return {};
  return Error(
      Errc::guard,
      fmt::format("{}: {} has no row for {} any more", fleet.where.text(), fleet.file, state.key),
      fmt::format("put the row back; if its key is another now, name {0} in `formerKeys`; if the "
                  "tenant is to go, give its row the status deactivated, or write `onMissingRow: "
                  "deactivate`; if it is only no longer managed here, write `removed: [{{from: "
                  "{0}}}]`",
                  state.key));
}

}  // namespace tenantry::run
