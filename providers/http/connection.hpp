// One connection: opened, written and read with deadlines, and closed.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/clock.hpp"
#include "engine/core/task.hpp"
#include "providers/http/endpoint.hpp"
#include "providers/http/proxy.hpp"
#include "providers/http/resolver.hpp"
#include "providers/http/tls.hpp"

namespace tenantry::http {

/// Who is at the other end. Connections of equal keys may stand in for each other.
struct Peer {
  std::string key;
  std::string host;                    ///< asked for: TLS server name and Host header
  Endpoint dial;                       ///< where the packets go
  std::shared_ptr<TlsContext> tls;     ///< null: plain
  std::shared_ptr<Proxy const> proxy;  ///< null: none
  std::string user_agent;              ///< for the proxy
};

/// Every step starts an operation whose handler notes the result and wakes the coroutine, which
/// waits for it with a deadline. A step that outlives its deadline, is cancelled or fails closes
/// the connection for good. Pending handlers keep the object alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Outcome {
    boost::system::error_code error;  ///< timed_out after the deadline, operation_aborted when
                                      ///< cancelled
    std::size_t bytes = 0;            ///< done before the error
  };

  Connection(boost::asio::any_io_executor executor, Peer peer);
  ~Connection();

  /// Name, TCP, proxy and TLS. Errors: connection, tls, cancelled.
  Task<void> open(Resolver& resolver, SteadyTime deadline);
  /// False when the server closed this idle connection or sent what nobody asked for.
  boost::asio::awaitable<bool> is_alive();
  /// Writes head and body. Over TLS, bytes of a record that did not go out whole do not count: the
  /// peer cannot read a part of it.
  boost::asio::awaitable<Outcome> write(std::string head, std::string body, SteadyTime deadline);
  /// Appends what comes next to input().
  boost::asio::awaitable<Outcome> read(SteadyTime deadline);

  boost::beast::flat_buffer& input() { return input_; }
  Peer const& peer() const { return peer_; }
  bool is_open() const { return socket_.is_open(); }
  void close();
  /// Ends the step under way with operation_aborted, from outside of its coroutine.
  void cancel();

 private:
  struct Operation {
    bool done = true;
    boost::system::error_code error;
    std::size_t bytes = 0;
  };
  enum class Waited { done, expired, cancelled };
  enum class Unread { nothing, bytes, end };

  boost::asio::awaitable<Waited> wait(bool const& done, SteadyTime deadline);
  boost::asio::awaitable<Outcome> finish(Operation& operation, SteadyTime deadline);
  auto completes(Operation& operation);
  void start_read();
  Unread unread();

  Task<std::vector<boost::asio::ip::tcp::endpoint>> find(Resolver& resolver, Endpoint first_hop,
                                                         SteadyTime deadline);
  Task<void> connect(Resolver& resolver, SteadyTime deadline);
  Task<void> tunnel(SteadyTime deadline);
  Task<void> handshake(SteadyTime deadline);
  Error failure(std::string_view what, boost::system::error_code error) const;

  Peer peer_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::asio::steady_timer wake_;
  Operation step_;  // connect, handshake or write
  Operation read_;
  bool reading_ = false;  // read_ was started and its bytes are not in input_ yet
  bool cancelled_ = false;
  std::string head_, body_;  // being written
  boost::beast::flat_buffer input_;
};

}  // namespace tenantry::http
