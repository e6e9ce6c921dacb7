// Base64: how bytes lie in JSON, and the parts of a web token.
#pragma once
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry::emulator {

/// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view bytes);
/// Reads both alphabets of RFC 4648, with or without padding. Errors: invalid.
Result<std::string> from_base64(std::string_view text);

}  // namespace tenantry::emulator
