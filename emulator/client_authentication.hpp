// How a client of a tenant proves at the token endpoint that it is itself.
#pragma once
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

/// By what a client proves that it is itself.
struct ClientProof {
  std::string secret;     ///< where there is no assertion
  std::string assertion;  ///< a token signed with the client's key; empty: none
  std::string endpoint;   ///< URL that was called: an assertion may name it as its audience
};

/// The client, when it exists and the proof is good. Errors: invalid, with what is wrong.
Result<TenantClient> authenticate_client(World& world, Tenant& tenant, std::string_view id,
                                         ClientProof const& proof);

}  // namespace tenantry::emulator
