// Content digests.
#pragma once
#include <string>
#include <string_view>

namespace tenantry {

/// SHA-256 of `bytes`, 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// MD5, 32 hex digits: only to compare with eTags that the server makes that way.
std::string md5_hex(std::string_view bytes);
/// HMAC-SHA-256, 64 hex digits: how a secret's change is noticed without keeping the secret.
std::string keyed_digest_hex(std::string_view key, std::string_view bytes);

}  // namespace tenantry
