// OAuth clients of a tenant, as the token endpoint needs them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/world.hpp"

namespace tenantry::emulator {

/// A client that may ask for tokens of `tenant`: one of its own, or one published in the region.
struct TenantClient {
  std::string id;
  std::string name;
  std::vector<std::string> scopes;
  std::vector<std::string> grants;
  bool trusted = false;  ///< consent method of this tenant
};

/// The client, when it exists and `secret` is one of its secrets.
std::optional<TenantClient> authenticate_client(World& world, Tenant& tenant, std::string_view id,
                                                std::string_view secret);

}  // namespace tenantry::emulator
