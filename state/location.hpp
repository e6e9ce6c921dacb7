// Where a state is, in either backend.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "state/postgres_dsn.hpp"
#include "state/stop_deadline.hpp"
#include "state/store.hpp"

namespace tenantry::state {

/// A file, or a database.
using StateLocation = std::variant<std::filesystem::path, PostgresDsn>;

/// For messages; without a password.
std::string describe(StateLocation const& location);

/// As open_local_store and open_postgres_store.
Result<std::unique_ptr<Store>> open_store(boost::asio::any_io_executor executor,
                                          StateLocation location, OpenMode mode, Clock& clock,
                                          Random& random,
                                          std::shared_ptr<StopDeadline const> stop = nullptr);

}  // namespace tenantry::state
