// What HTTPS_PROXY, NO_PROXY and `endpoint` name. Input: URL, list, host.
#include "providers/http/endpoint.hpp"

#include "providers/http/proxy.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {

void endpoint(std::string_view input) {
  auto const all = parts(input, 3);
  auto const url = part(all, 0);
  auto const end = http::parse_endpoint(url);
  if (end) {
    auto const again = http::parse_endpoint(
        (end->scheme == http::Scheme::https ? "https://" : "http://") + end->authority());
    ensure(again.has_value() && again->host == end->host && again->port == end->port,
           "an endpoint is read as it is written");
  }
  auto const proxy = http::parse_proxy(url);
  if (proxy) {
    auto const request = http::connect_request(*proxy, end ? *end : http::Endpoint{}, "tenantry");
    ensure(request.ends_with("\r\n\r\n") && request.find("\r\n\r\n") == request.size() - 4,
           "a request to a proxy is one request");
  }
  ensure(http::bypasses_proxy("*", part(all, 2)), "a star goes without the proxy");
  (void)http::bypasses_proxy(part(all, 1), part(all, 2));
}

}  // namespace tenantry::fuzz
