// What a configuration declares, without the work of checking it: for suggestions while somebody
// types.
#pragma once
#include "engine/config/configuration.hpp"

namespace tenantry::config {

/// Names in a configuration that may be wrong or half written.
struct Outline {
  /// Its `tenants()` are known, and each may be expanded; what is wrong in it is left out. Rows of
  /// a fleet past the first 10,000 are not there.
  std::shared_ptr<Configuration const> configuration;
  std::vector<std::string> blueprints;
  std::vector<std::string> variables;
};

/// Reads what can be read and expands no tenant. Reports nothing.
Outline outline(LoadOptions const& options);

}  // namespace tenantry::config
