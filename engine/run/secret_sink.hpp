// Where secrets that the API shows once are delivered.
#pragma once
#include <filesystem>
#include <string>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"
#include "providers/api/resource_type.hpp"

namespace tenantry::run {

/// Reads `deliverSecret` ({file: PATH}; PATH relative to the configuration's folder) and checks,
/// before anything is called, that it can take the secret: inside a git work tree the file must be
/// ignored. Errors: invalid, guard.
Result<void> check_sink(Value const& sink, std::filesystem::path const& folder);

/// Writes {"clientId", "clientSecret", "host"}; returns where, for messages. Durable on return.
Result<std::string> deliver(Value const& sink, std::filesystem::path const& folder,
                            DeliverableSecret const& secret);

}  // namespace tenantry::run
