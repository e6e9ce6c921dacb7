// What TLS connections share: trusted certificates and sessions to resume.
#pragma once
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/core/error.hpp"

namespace tenantry::http {

/// One set of trusted certificates. TLS 1.2 or newer, chain and host name verified. Loading the
/// system's certificates takes 25 to 50 ms and some megabytes, so it is done once per CA file.
/// Must outlive its SSL objects.
class TlsContext {
 public:
  /// Trusts the system's certificates and those of `ca_file` (PEM), if not empty.
  /// Errors: tls when a certificate file cannot be read.
  static Result<std::shared_ptr<TlsContext>> make(std::string const& ca_file);

  /// Readies `ssl` for a handshake with `host` (a name or an address): name to ask for, name to
  /// verify, session to resume. A session is only resumed under the `key` it was made with, which
  /// must name the host: a resumed session is not verified again.
  Result<void> prepare(SSL* ssl, std::string const& host, std::string const& key);
  /// The session of `key` failed; the next handshake is a full one.
  void forget(std::string const& key);

  boost::asio::ssl::context& native() { return context_; }

 private:
  struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  struct Kept {
    std::unique_ptr<SSL_SESSION, FreeSession> session;
    std::uint64_t order = 0;
  };
  /// What an SSL object carries, so that a ticket that comes later finds its way here.
  struct Owner {
    TlsContext* context;
    std::string key;
  };

  TlsContext();
  static int owner_index();
  static int on_new_session(SSL* ssl, SSL_SESSION* session);
  static void free_owner(void* parent, void* owner, CRYPTO_EX_DATA*, int, long, void*);
  void keep(std::string const& key, SSL_SESSION* session);

  boost::asio::ssl::context context_;
  std::map<std::string, Kept> sessions_;
  std::uint64_t order_ = 0;
};

/// Why the last handshake of `ssl` failed: the certificate's problem, else `fallback`.
std::string handshake_problem(SSL* ssl, std::string const& fallback);

}  // namespace tenantry::http
