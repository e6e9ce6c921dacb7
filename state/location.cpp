#include "state/location.hpp"

#include "state/postgres_store.hpp"

namespace tenantry::state {

std::string describe(StateLocation const& location) {
  auto const* const file = std::get_if<std::filesystem::path>(&location);
  return file ? file->string() : std::get<PostgresDsn>(location).location();
}

Result<std::unique_ptr<Store>> open_store(boost::asio::any_io_executor executor,
                                          StateLocation location, OpenMode mode, Clock& clock,
                                          Random& random,
                                          std::shared_ptr<StopDeadline const> stop) {
  if (auto* const file = std::get_if<std::filesystem::path>(&location)) {
    return open_local_store(std::move(executor), std::move(*file), mode, clock, random);
  }
  return open_postgres_store(std::move(executor), std::move(std::get<PostgresDsn>(location)), mode,
                             clock, random, std::move(stop));
}

}  // namespace tenantry::state
