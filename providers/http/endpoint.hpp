// A network address by name: what is dialled.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry::http {

enum class Scheme { http, https };

struct Endpoint {
  Scheme scheme = Scheme::https;
  std::string host;  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 443;

  /// "host:port", IPv6 in brackets.
  std::string authority() const;
};

/// A number from 1 to 65535; Boost.URL lets larger ones pass.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// Reads "http://127.0.0.1:8480" or "https://host": no user, path, query or fragment.
/// Errors: invalid. The text itself is not repeated in the error.
Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace tenantry::http
