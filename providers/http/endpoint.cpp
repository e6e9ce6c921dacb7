#include "providers/http/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <charconv>

namespace tenantry::http {

std::string Endpoint::authority() const {
  bool const is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto const* const end = text.data() + text.size();
  auto const [at, ec] = std::from_chars(text.data(), end, port);
  if (ec != std::errc() || at != end || port == 0) return std::nullopt;
  return port;
}

namespace {

/// A name or an address, as both are written in a URL: nothing that was escaped in it.
bool is_host(std::string_view text) {
  auto const may_be = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  };
  return !text.empty() && std::ranges::all_of(text, may_be);
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  Error const wrong(Errc::invalid, "the endpoint is not a URL of scheme, host and port",
                    "write it like http://127.0.0.1:8480 or https://proxy.example.com");
  auto const parsed = boost::urls::parse_uri(url);
  if (!parsed) return wrong;
  bool const is_http = parsed->scheme() == "http";
  if (!is_http && parsed->scheme() != "https") return wrong;
  bool const has_path = !parsed->encoded_path().empty() && parsed->encoded_path() != "/";
  if (has_path || parsed->has_query() || parsed->has_fragment() || parsed->has_userinfo()) {
    return wrong;
  }
  Endpoint endpoint;
  endpoint.scheme = is_http ? Scheme::http : Scheme::https;
  endpoint.host = parsed->host_address();
  endpoint.port = is_http ? 80 : 443;
  if (!parsed->port().empty()) {
    auto const port = parse_port(std::string_view(parsed->port()));
    if (!port) return wrong;
    endpoint.port = *port;
  }
  if (!is_host(endpoint.host)) return wrong;
  return endpoint;
}

}  // namespace tenantry::http
