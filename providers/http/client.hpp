// The one real Transport: HTTP/1.1 over a pool of kept-alive connections.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "providers/http/transport.hpp"

namespace tenantry::http {

struct ClientOptions {
  /// Over all hosts; fewer where the process may not open so many files.
  std::size_t connections_max = 256;
  std::size_t connections_per_host_max = 32;  ///< per host name asked for
  /// For name, TCP, proxy and TLS together.
  std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};
  /// A kept connection that waited longer is closed, when the client is used next.
  std::chrono::milliseconds idle_max{std::chrono::seconds(60)};
  std::string user_agent = "tenantry";
  /// "http://user:password@proxy:3128", used by CONNECT for https hosts; empty: none.
  std::string proxy;
  /// Hosts without proxy, as curl reads NO_PROXY: comma-separated names with all below them,
  /// addresses, networks, or "*". Loopback is always without.
  std::string no_proxy;
};

/// Fills proxy and no_proxy from https_proxy, else HTTPS_PROXY, and no_proxy, else NO_PROXY.
void proxy_from_environment(ClientOptions& options);

/// TLS 1.2 or newer, certificates and host names verified, sessions resumed. When the server closed
/// a kept connection before any byte of the answer, a GET, PUT or DELETE, or a request of which
/// nothing left, is sent once more on a fresh one.
/// All calls on the executor's one thread. Errors as Transport says. Idle connections do not keep
/// an io_context running.
class Client final : public Transport {
 public:
  /// `executor` must outlive the client.
  Client(boost::asio::any_io_executor executor, ClientOptions options);
  /// Ends what still runs, as cancel_all does.
  ~Client() override;
  Client(Client const&) = delete;
  Client& operator=(Client const&) = delete;

  Task<Response> send(Request request) override;
  /// Ends every exchange, and each that is asked for later, and closes all connections: the second
  /// Ctrl-C. Errc::cancelled where nothing was sent, else lost_reply.
  void cancel_all() override;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace tenantry::http
