#include "providers/http/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "engine/core/text.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
namespace {

// A session holds the peer's certificates, some kilobytes.
constexpr std::size_t kSessionsMax = 1024;

std::string last_openssl_problem() {
  auto const code = ERR_get_error();
  ERR_clear_error();
  char const* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace

TlsContext::TlsContext() : context_(asio::ssl::context::tls_client) {
  auto* const native = context_.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(native, &TlsContext::on_new_session);
}

Result<std::shared_ptr<TlsContext>> TlsContext::make(std::string const& ca_file) {
  std::shared_ptr<TlsContext> made(new TlsContext());
  auto* const native = made->context_.native_handle();
  ERR_clear_error();
  if (SSL_CTX_set_default_verify_paths(native) != 1) {
    return Error(Errc::tls, fmt::format("cannot load the system's trusted certificates: {}",
                                        last_openssl_problem()));
  }
  if (!ca_file.empty() && SSL_CTX_load_verify_locations(native, ca_file.c_str(), nullptr) != 1) {
    return Error(Errc::tls,
                 fmt::format("cannot read certificates from \"{}\": {}", visible(ca_file),
                             last_openssl_problem()),
                 "caFile must name a readable file of certificates in PEM form");
  }
  ERR_clear_error();
  return made;
}

int TlsContext::owner_index() {
  static int const index =
      SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &TlsContext::free_owner);
  return index;
}

void TlsContext::free_owner(void*, void* owner, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Owner*>(owner);
}

int TlsContext::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* const owner = static_cast<Owner*>(SSL_get_ex_data(ssl, owner_index()));
  if (owner == nullptr || SSL_SESSION_is_resumable(session) != 1) return 0;
  owner->context->keep(owner->key, session);
  return 1;  // the reference is ours now
}

void TlsContext::keep(std::string const& key, SSL_SESSION* session) {
  auto& kept = sessions_[key];
  kept.session.reset(session);
  kept.order = ++order_;
  if (sessions_.size() <= kSessionsMax) return;
  auto const by_order = [](auto const& entry) { return entry.second.order; };
  sessions_.erase(std::ranges::min_element(sessions_, {}, by_order));
}

void TlsContext::forget(std::string const& key) { sessions_.erase(key); }

Result<void> TlsContext::prepare(SSL* ssl, std::string const& host, std::string const& key) {
  boost::system::error_code not_address;
  asio::ip::make_address(host, not_address);
  bool ready = false;
  if (not_address) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ready =
        SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
  } else {  // RFC 6066, 3: an address is no server name
    ready = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  auto owner = std::make_unique<Owner>(Owner{this, key});
  ready = ready && SSL_set_ex_data(ssl, owner_index(), owner.get()) == 1;
  if (!ready) {
    ERR_clear_error();
    return Error(Errc::tls, fmt::format("cannot verify the host name \"{}\"", visible(host)));
  }
  owner.release();  // free_owner's now
  auto const kept = sessions_.find(key);
  // A session that cannot be used only means a full handshake.
  if (kept != sessions_.end()) SSL_set_session(ssl, kept->second.session.get());
  return {};
}

std::string handshake_problem(SSL* ssl, std::string const& fallback) {
  auto const verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK) return fallback;
  return fmt::format("certificate refused: {}", X509_verify_cert_error_string(verified));
}

}  // namespace tenantry::http
