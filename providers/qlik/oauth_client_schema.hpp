// The table of OAuth clients, and what can be told from a client's attributes.
#pragma once
#include <string>
#include <string_view>

#include "engine/core/schema.hpp"

namespace tenantry::qlik {

inline constexpr std::string_view kSecretMethod = "client_secret";
inline constexpr std::string_view kKeyMethod = "private_key_jwt";
inline constexpr std::string_view kCredentialsGrant = "client_credentials";
inline constexpr std::string_view kImpersonationGrant = "urn:qlik:oauth:user-impersonation";

Schema const& oauth_client_schema();

/// True for a web client that signs in by secret, which is the default.
bool has_secret(Object const& client);
/// connectionConfig.consentMethod; "" where it is not there.
std::string consent_of(Object const& client);
/// True where `list` is a list with the text `text`.
bool contains(Value const* list, std::string_view text);

}  // namespace tenantry::qlik
