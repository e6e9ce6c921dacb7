// A proxy that opens tunnels (CONNECT), and the hosts that go without it.
#pragma once
#include <string>
#include <string_view>

#include "engine/core/error.hpp"
#include "engine/core/secret.hpp"
#include "providers/http/endpoint.hpp"

namespace tenantry::http {

struct Proxy {
  Endpoint endpoint;
  Secret authorization;  ///< "Basic ..." of the URL's user and password; may be empty
};

/// Reads "http://user:password@proxy:3128" or "proxy:3128". Without a port it is 1080, as for curl.
/// Errors: invalid; the text itself is not repeated in the error.
Result<Proxy> parse_proxy(std::string_view url);

/// True where `host` goes without the proxy: loopback always (so that a test server on this machine
/// is reached), and what `no_proxy` lists: names with all below them, addresses, networks
/// ("10.0.0.0/8"), or "*".
bool bypasses_proxy(std::string_view no_proxy, std::string_view host);

/// The request that opens a tunnel to `target`.
std::string connect_request(Proxy const& proxy, Endpoint const& target,
                            std::string_view user_agent);

}  // namespace tenantry::http
