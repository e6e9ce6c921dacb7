// Where a command may write what it was asked for.
#pragma once
#include <filesystem>

#include "engine/core/error.hpp"

namespace tenantry::cli {

/// Whether `path` may be replaced by a result, before any work is done for it: as
/// AtomicFile::check, and no SQLite database, which most likely is a state. Errors: not_found, io,
/// conflict.
Result<void> check_result_file(std::filesystem::path const& path);

}  // namespace tenantry::cli
