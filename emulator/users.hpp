// Users, as the token endpoint needs them.
#pragma once
#include <string>
#include <string_view>

#include "emulator/world.hpp"

namespace tenantry::emulator {

/// The id of the bot user of an OAuth client; it is created at the client's first token.
std::string bot_user(World& world, Tenant& tenant, std::string_view client_id,
                     std::string_view name);

}  // namespace tenantry::emulator
