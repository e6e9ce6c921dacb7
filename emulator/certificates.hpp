// An authority of the emulator's own, and certificates for whatever name a client asks for.
#pragma once
#include <memory>
#include <string>

#include "emulator/table.hpp"
#include "engine/core/error.hpp"

struct ssl_st;
struct ssl_ctx_st;  // OpenSSL's SSL and SSL_CTX, without its headers

namespace tenantry::emulator {

/// Wildcards do not cover the two labels before qlikcloud.com, so that a certificate is issued per
/// server name, when a handshake first names it.
class Certificates {
 public:
  /// Makes the keys. Errors: internal (OpenSSL cannot).
  static Result<std::unique_ptr<Certificates>> create();
  ~Certificates();

  /// The authority, PEM.
  std::string const& ca_pem() const { return ca_pem_; }
  /// Makes a server context use them. The context must not outlive them.
  void install(ssl_ctx_st* context);

 private:
  struct Keys;
  explicit Certificates(std::unique_ptr<Keys> keys);
  static int on_server_name(ssl_st* ssl, int* alert, void* self);

  std::unique_ptr<Keys> keys_;
  std::string ca_pem_;
};

}  // namespace tenantry::emulator
