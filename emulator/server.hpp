// The sockets of the emulator: HTTP/1.1 with keep-alive, with or without TLS.
#pragma once
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "emulator/certificates.hpp"
#include "emulator/service.hpp"

namespace tenantry::emulator {

/// Serves on the thread that runs `io`.
class Server {
 public:
  /// `service` and `certificates` (null: no TLS) must outlive the server and the run of `io`.
  Server(boost::asio::io_context& io, Service& service, Certificates* certificates);
  ~Server();

  /// Binds and begins to accept. Errors: invalid (address), io (in use, not permitted).
  Result<void> listen(std::string const& address, std::uint16_t port);
  std::uint16_t port() const;
  /// Closes the listener and every connection: then the run of `io` comes to its end by itself.
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tenantry::emulator
