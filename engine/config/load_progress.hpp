// How far the checking of a configuration is: that of a large fleet takes seconds.
#pragma once
#include <cstddef>
#include <functional>

#include "engine/config/configuration.hpp"

namespace tenantry::config {

/// Told after each tenant: how many are checked, and how many there are. Must return quickly.
using LoadProgress = std::function<void(std::size_t checked, std::size_t all)>;

/// As load of configuration.hpp.
Loaded load(LoadOptions const& options, LoadProgress const& progress);

}  // namespace tenantry::config
