// Client assertions: how a client without a secret proves at the token endpoint that it is itself.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

/// What an assertion has to say.
struct AssertionCheck {
  std::string client_id;               ///< its issuer and its subject
  std::vector<std::string> audiences;  ///< one of these is its audience
  WallTime now;
};

/// Verifies a signed token (RFC 7523) with that of `keys`, JSON web keys, which its header names:
/// RS256, RS512 or ES384, RSA keys of at least 2,048 bits. It must have iss, sub, aud, jti, iat and
/// exp, and may live five minutes ("Private Key JWT reference" of Qlik's documents).
/// Errors: invalid, with what is wrong.
Result<void> verify_assertion(std::string_view assertion, Array const& keys,
                              AssertionCheck const& check);

}  // namespace tenantry::emulator
