#include "sinks/vault_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "engine/core/masking.hpp"
#include "engine/core/text.hpp"
#include "providers/api/session.hpp"
#include "providers/http/endpoint.hpp"
#include "providers/http/retry.hpp"
#include "sinks/document.hpp"

namespace tenantry::sinks {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kErrorMax = 500;  ///< characters of Vault's own words in a message

/// A delivery that has to wait longer had better fail: the next run goes on from there.
http::RetryPolicy policy() {
  http::RetryPolicy out;
  out.attempts_max = 4;
  out.delay_max = std::chrono::seconds(5);
  out.throttled_for_max = std::chrono::seconds(60);
  out.retry_after_max = std::chrono::seconds(30);
  return out;
}

bool is_loopback(std::string const& host) {
  if (host == "localhost") return true;
  boost::system::error_code ec;
  auto const address = boost::asio::ip::make_address(host, ec);
  return !ec && address.is_loopback();
}

Error wrong(std::string what, std::string hint = {}) {
  return {Errc::invalid, "`deliverSecret.vault`: " + std::move(what), std::move(hint)};
}

/// "tenants/acme" of "/tenants/acme/"; each segment encoded.
std::string encoded(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    auto const slash = path.find('/');
    auto const segment = path.substr(0, slash);
    if (!segment.empty()) {
      if (!out.empty()) out += '/';
      out += encode_segment(segment);
    }
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return out;
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<std::string> ca_file(std::string const& written, fs::path const& folder) {
  if (written.empty()) return std::string();
  fs::path const given(written);
  auto const path = given.is_absolute() ? given : folder / given;
  std::error_code ec;
  if (fs::is_regular_file(path, ec)) return path.string();
  return wrong(fmt::format("there is no caFile {}", visible(path.string())));
}

/// What Vault says: {"errors": ["permission denied"]}; without what must not be seen.
std::string words_of(http::Response const& response, VaultAddress const& vault,
                     Secret const& secret) {
  auto const body = parse_json(response.body);
  auto const* object = body ? body->if_object() : nullptr;
  auto const* errors = object != nullptr ? find(*object, "errors") : nullptr;
  std::vector<std::string> words;
  if (errors != nullptr && errors->is_array()) {
    for (auto const& word : errors->get_array()) {
      if (auto const* text = word.if_string()) words.emplace_back(std::string_view(*text));
    }
  }
  auto out = fmt::format("{}", fmt::join(words, "; "));
  mask(out, vault.token.reveal());
  mask(out, secret.reveal());
  if (out.size() > kErrorMax) out.resize(kErrorMax);
  return visible(out);
}

/// https://developer.hashicorp.com/vault/api-docs#http-status-codes
Error refusal(http::Request const& request, http::Response const& response,
              VaultAddress const& vault, Secret const& secret) {
  auto const at = fmt::format("{}/{}", vault.mount, vault.path);
  Error error(Errc::rejected, fmt::format("Vault answers {}", response.status));
  switch (response.status) {
    case 204:
      error.message = fmt::format("the Vault engine at {} is of version 1, which keeps no versions",
                                  vault.mount);
      error.hint = fmt::format(
          "name a mount of version 2, and delete {}/data/{}, where version 1 "
          "put what it was sent",
          vault.mount, vault.path);
      break;
    case 400:
      error.message = fmt::format("Vault refuses what is to be written to {}", at);
      error.hint = "a mount with cas_required takes no secrets from here";
      break;
    case 403:
      error.message = fmt::format("Vault does not let the token write to {}", at);
      error.hint = fmt::format(
          "check that the token is not expired, and that its policy has "
          "`create` and `update` for {}/data/{}",
          vault.mount, vault.path);
      break;
    case 404:
      error.message = fmt::format("Vault has no key-value engine of version 2 at {}", vault.mount);
      error.hint = "check `mount` and `namespace`";
      break;
    case 307:
    case 308:
      error.message = "Vault redirects: the address is that of a standby node";
      error.hint = "name the cluster's address, or the active node's";
      break;
    case 429:
      error.code = Errc::throttled;
      error.message = "Vault has no room for more requests now";
      break;
    case 503:
      error.code = Errc::unavailable;
      error.message = "Vault is sealed or down for maintenance";
      break;
    default:
      if (response.status >= 500) error.code = Errc::unavailable;
      break;
  }
  if (auto const words = words_of(response, vault, secret); !words.empty()) {
    error.message += ": " + words;
  }
  error.request = request.text();
  return error;
}

http::Request request_of(VaultAddress const& vault, run::Delivery const& delivery) {
  http::Request request;
  request.method = http::Method::post;
  request.host = vault.host;
  request.target = fmt::format("/v1/{}/data/{}", encoded(vault.mount), encoded(vault.path));
  request.headers = {{"Content-Type", "application/json"},
                     {"X-Vault-Request", "true"},
                     {"X-Vault-Token", std::string(vault.token.reveal())}};
  if (!vault.name_space.empty()) {
    request.headers.emplace_back("X-Vault-Namespace", vault.name_space);
  }
  request.body = boost::json::serialize(Object{{"data", credential_of(delivery)}});
  request.route = vault.route;
  request.timeout = std::chrono::seconds(30);
  request.response_bytes_max = std::size_t{1} << 20;
  return request;
}

}  // namespace

Result<VaultAddress> vault_address(Value const& written, fs::path const& folder) {
  auto const* object = written.if_object();
  if (object == nullptr) return wrong("is no map", "write {address: ..., path: ..., token: ...}");
  VaultAddress out;
  out.route.endpoint = text_at(*object, "address");
  out.mount = text_at(*object, "mount");
  if (out.mount.empty()) out.mount = "secret";
  out.path = text_at(*object, "path");
  out.name_space = text_at(*object, "namespace");
  out.token = Secret(text_at(*object, "token"));
  if (out.route.endpoint.ends_with('/')) out.route.endpoint.pop_back();
  auto const endpoint = http::parse_endpoint(out.route.endpoint);
  if (!endpoint) {
    return wrong(fmt::format("the address \"{}\" is none", visible(out.route.endpoint)),
                 "write it like https://vault.example:8200");
  }
  if (endpoint->scheme != http::Scheme::https && !is_loopback(endpoint->host)) {
    return wrong(fmt::format("the token must not go to {} in clear", visible(endpoint->host)),
                 "write an https address; http is for this machine alone");
  }
  out.host = endpoint->host;
  if (out.token.empty()) return wrong("the token is empty", "set the variable that holds it");
  if (!is_header_value(out.token.reveal()) || !is_header_value(out.name_space)) {
    return wrong("the token or the namespace has spaces or line ends in it",
                 "check the variable that holds it");
  }
  for (auto const& part : {out.mount, out.path}) {
    auto const framed = '/' + part + '/';
    if (framed.find("/./") != std::string::npos || framed.find("/../") != std::string::npos) {
      return wrong("`mount` and `path` must not hold \".\" or \"..\"");
    }
  }
  if (encoded(out.path).empty()) {
    return wrong("there is no path", "write it like path: tenants/${tenant.key}/portal");
  }
  auto authority = ca_file(text_at(*object, "caFile"), folder);
  if (!authority) return authority.error();
  out.route.ca_file = std::move(*authority);
  return out;
}

Task<std::string> VaultSink::deliver(VaultAddress vault, run::Delivery delivery) {
  auto const request = request_of(vault, delivery);
  http::RetryHooks hooks;
  hooks.stopping = [this] { return stop_.requested(); };
  auto response = co_await http::send_with_retry(transport_, clock_, random_, policy(),
                                                 std::move(hooks), request, true);
  if (!response) {
    auto error = response.error();
    error.message = fmt::format("Vault at {} cannot be reached: {}", vault.host, error.message);
    if (error.request.empty()) error.request = request.text();
    co_return error;
  }
  if (response->status != 200) {
    co_return refusal(request, *response, vault, delivery.secret.client_secret);
  }
  co_return fmt::format("Vault at {}, {}/{}", vault.host, vault.mount, vault.path);
}

}  // namespace tenantry::sinks
