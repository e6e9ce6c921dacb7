// The one real Transport: HTTP/1.1 over a pool of kept-alive connections.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "providers/http/transport.hpp"

namespace tenantry::http {

struct ClientOptions {
  std::size_t connections_max = 256;          ///< over all hosts
  std::size_t connections_per_host_max = 32;  ///< per host name asked for
  std::chrono::milliseconds connect_timeout{
      std::chrono::seconds(10)};  ///< name, TCP, proxy and TLS
  std::chrono::milliseconds idle_max{
      std::chrono::seconds(60)};  ///< then a kept connection is closed
  std::string user_agent = "tenantry";
  /// "http://proxy:3128", used by CONNECT for https hosts; empty: none. See proxy_from_environment.
  std::string proxy;
  std::string no_proxy;  ///< comma-separated names, ".suffix" and "*"; as curl reads NO_PROXY
};

/// Fills proxy and no_proxy from HTTPS_PROXY/https_proxy and NO_PROXY/no_proxy.
void proxy_from_environment(ClientOptions& options);

/// TLS 1.2 or newer, certificates and host names verified, sessions resumed. A request on a kept
/// connection that the server closed before it read a byte is sent once more on a fresh one.
/// All calls on the executor's one thread. Errors as Transport says.
class Client final : public Transport {
 public:
  Client(boost::asio::any_io_executor executor, ClientOptions options);
  ~Client() override;
  Task<Response> send(Request request) override;
  /// Ends every exchange with Errc::cancelled and closes all connections: the second Ctrl-C.
  void cancel_all() override;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace tenantry::http
