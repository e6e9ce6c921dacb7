#include "state/state_tables.hpp"

#include "state/state_file.hpp"

namespace tenantry::state {

std::span<TableLayout const> table_layouts() {
  static std::vector<TableLayout> const layouts{
      {"tenants", {"key", "serial", "config_digest", "applied_at"}, 1},
      {"resources",
       {"tenant", "section", "key", "remote_id", "applied", "observed", "secrets", "extra",
        "prevent_destroy", "depends_on", "created_at", "updated_at"},
       3},
      {"runs",
       {"id", "command", "started_at", "user", "host", "git_commit", "run_url", "reason"},
       1},
      {"operations",
       {"id", "tenant", "section", "key", "action", "request_digest", "natural_key", "remote_id",
        "before", "planned", "context", "run_id", "status", "started_at", "ended_at", "error"},
       1},
      {"counters", {"run_group", "counter", "part", "amount", "noted_at"}, 3},
  };
  return layouts;
}

Result<std::unique_ptr<StateTables>> open_tables(StateLocation const& location) {
  if (auto const* const file = std::get_if<std::filesystem::path>(&location)) {
    return detail::open_local_tables(*file);
  }
  // Nothing is made in this mode, so that time and chance are not asked.
  SystemClock clock;
  SystemRandom random;
  return detail::open_postgres_tables(std::get<PostgresDsn>(location), OpenMode::existing, clock,
                                      random);
}

Result<std::unique_ptr<StateTables>> make_tables(StateLocation const& location, Clock& clock,
                                                 Random& random) {
  auto const* const file = std::get_if<std::filesystem::path>(&location);
  if (file == nullptr) {
    return detail::open_postgres_tables(std::get<PostgresDsn>(location),
                                        OpenMode::create_if_missing, clock, random);
  }
  auto located = locate_state_file(*file);
  if (!located && located.error().code == Errc::not_found) {
    auto made = create_state_file(*file, clock, random);
    if (!made) return made.error();
  }
  return detail::open_local_tables(*file);
}

}  // namespace tenantry::state
