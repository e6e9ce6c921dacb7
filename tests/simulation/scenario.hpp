// What a seed asks for: tenants, and how their configuration changes.
#pragma once
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/core/value.hpp"

namespace tenantry::simulation {

/// One state of the configuration.
struct Version {
  Value configuration;           ///< the text of tenantry.yaml, since JSON is YAML
  std::chrono::minutes before{0};  ///< how long after the version before it
  /// "section/name" of what is let go by this version or one before: it stays live, and nobody's.
  std::set<std::string> let_go;
};

struct Scenario {
  bool organization = false;  ///< there is an organization client
  std::vector<Version> versions;
};

/// The same for the same seed. Each version is valid, and can be reached from the one before.
Scenario make_scenario(std::uint64_t seed);

/// What the configurations take from the environment; neither may ever be in a state.
inline constexpr char const* kSecretVariable = "SIM_CLIENT_SECRET";
inline constexpr char const* kLicenseVariable = "SIM_LICENSE_KEY";

}  // namespace tenantry::simulation
