// What a sink is given.
#pragma once
#include "engine/core/value.hpp"
#include "engine/run/secret_sink.hpp"

namespace tenantry::sinks {

/// {"clientId", "clientSecret", "host"}: what files and Vault hold. It is the secret in clear.
inline Object credential_of(run::Delivery const& delivery) {
  auto const& secret = delivery.secret;
  return {{"clientId", secret.client_id},
          {"clientSecret", std::string(secret.client_secret.reveal())},
          {"host", secret.host}};
}

}  // namespace tenantry::sinks
