#include "tests/simulation/simulated_disk.hpp"

#include "state/migrations.hpp"
#include "state/state_file.hpp"

namespace tenantry::simulation {

state::Connection SimulatedDisk::make(Clock const& clock, Random& random) {
  auto db = state::Connection::open_in_memory();
  ensure(db.has_value(), "a database in memory opens");
  auto const steps = state::migrations();
  for (auto const& step : steps) {
    ensure(db->execute(step.sql).has_value(), "the migrations fit each other");
  }
  auto const written =
      db->query(
            "INSERT INTO meta (one, lineage, salt, schema_version, created_at)"
            " VALUES (1, ?, ?, ?, ?)")
          .with(random.hex(16), random.hex(32), steps.back().version, format_time(clock.wall()))
          .run();
  ensure(written.has_value(), "a new state has a head");
  return std::move(*db);
}

SimulatedDisk::SimulatedDisk(Clock const& clock, Random& random)
    : connection_(make(clock, random)) {
  auto info = state::read_info(connection_);
  ensure(info.has_value(), "a state has a head");
  info_ = std::move(*info);
}

std::string SimulatedDisk::image() const {
  auto image = connection_.image();
  ensure(image.has_value(), "a database in memory has an image");
  return std::move(*image);
}

}  // namespace tenantry::simulation
