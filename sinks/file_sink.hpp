// deliverSecret: {file: PATH}.
#pragma once
#include <filesystem>
#include <string>

#include "engine/run/secret_sink.hpp"

namespace tenantry::sinks {

/// The file that `written` names, relative to `folder`; empty where it names none.
std::filesystem::path file_sink(Value const& written, std::filesystem::path const& folder);

/// Inside a git work tree the file must be ignored, and what seems to be in `folder` must be there.
/// Errors: invalid, guard.
Result<void> check_file_sink(std::filesystem::path const& path,
                             std::filesystem::path const& folder);

/// Writes {"clientId", "clientSecret", "host"} with mode 0600 and returns the path. Durable on
/// return. Blocks. Errors: io.
Result<std::string> write_file_sink(std::filesystem::path const& path,
                                    run::Delivery const& delivery);

}  // namespace tenantry::sinks
