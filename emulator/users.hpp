// Users, as the token endpoint and invitations need them.
#pragma once
#include <string>
#include <string_view>

#include "emulator/world.hpp"

namespace tenantry::emulator {

/// A user without email, roles and groups.
Object new_user(World const& world, std::string_view subject, std::string_view name,
                std::string_view status);

/// When an invitation of now ends, as Unix time.
std::int64_t invite_expiry(World const& world);

/// The id of the bot user of an OAuth client; it is created at the client's first token.
std::string bot_user(World& world, Tenant& tenant, std::string_view client_id,
                     std::string_view name);

}  // namespace tenantry::emulator
