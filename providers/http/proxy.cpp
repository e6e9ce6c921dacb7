#include "providers/http/proxy.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <cstdlib>

#include "engine/core/text.hpp"
#include "providers/http/client.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
namespace {

constexpr std::uint16_t kProxyPort = 1080;

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto const length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<unsigned char const*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

bool in_network(asio::ip::address const& address, std::string_view network) {
  boost::system::error_code ec;
  if (address.is_v4()) {
    auto const wide = asio::ip::make_network_v4(std::string(network), ec);
    if (ec) return false;
    asio::ip::network_v4 const own(address.to_v4(), wide.prefix_length());
    return own.canonical() == wide.canonical();
  }
  auto const wide = asio::ip::make_network_v6(std::string(network), ec);
  if (ec) return false;
  asio::ip::network_v6 const own(address.to_v6(), wide.prefix_length());
  return own.canonical() == wide.canonical();
}

/// `host` in lower case, `entry` one word of the list.
bool fits(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  boost::system::error_code ec;
  auto const address = asio::ip::make_address(std::string(host), ec);
  if (!ec) {
    if (entry.find('/') != std::string_view::npos) return in_network(address, entry);
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    auto const listed = asio::ip::make_address(std::string(entry), ec);
    return !ec && listed == address;
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

std::string environment(char const* first, char const* second) {
  for (auto const* const name : {first, second}) {
    char const* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  Error const wrong(Errc::invalid, "the proxy is not a URL that can be used",
                    "set HTTPS_PROXY to http://proxy.example.com:3128; only http proxies work");
  std::string const full =
      url.find("://") == std::string_view::npos ? fmt::format("http://{}", url) : std::string(url);
  auto const parsed = boost::urls::parse_uri(full);
  if (!parsed || parsed->scheme() != "http") return wrong;
  Proxy proxy;
  proxy.endpoint = {Scheme::http, parsed->host_address(), kProxyPort};
  if (proxy.endpoint.host.empty()) return wrong;
  if (!parsed->port().empty()) {
    auto const port = parse_port(std::string_view(parsed->port()));
    if (!port) return wrong;
    proxy.endpoint.port = *port;
  }
  if (parsed->has_userinfo()) {
    Secret const login(fmt::format("{}:{}", parsed->user(), parsed->password()));
    proxy.authorization = Secret("Basic " + base64(login.reveal()));
  }
  return proxy;
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host) {
  auto name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  boost::system::error_code ec;
  auto const address = asio::ip::make_address(name, ec);
  if (name == "localhost" || name.ends_with(".localhost") || (!ec && address.is_loopback())) {
    return true;
  }
  auto const list = lower(no_proxy);
  constexpr std::string_view kSeparators = ", \t";
  std::string_view rest = list;
  while (!rest.empty()) {
    auto const length = std::min(rest.find_first_of(kSeparators), rest.size());
    auto const entry = rest.substr(0, length);
    if (!entry.empty() && fits(entry, name)) return true;
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return false;
}

std::string connect_request(Proxy const& proxy, Endpoint const& target,
                            std::string_view user_agent) {
  auto const authority = target.authority();
  auto text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n", authority,
                          user_agent);
  if (!proxy.authorization.empty()) {
    text += fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization.reveal());
  }
  return text + "\r\n";
}

void proxy_from_environment(ClientOptions& options) {
  options.proxy = environment("https_proxy", "HTTPS_PROXY");
  options.no_proxy = environment("no_proxy", "NO_PROXY");
}

}  // namespace tenantry::http
