// A server on loopback that does what the test says, byte by byte.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tenantry::test {

/// Runs `script` on a thread of its own for each connection; the connection is closed when the
/// script returns. Ends all of them when it goes out of scope, so scripts may wait for input for
/// ever.
class ScriptedServer {
 public:
  /// One connection, seen from the server.
  class Link {
   public:
    explicit Link(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
    /// Head and body of the next request; "" when the client closed.
    std::string read_request();
    /// False when the client is gone.
    bool write(std::string_view bytes);
    /// From here on TLS. False when the handshake fails.
    bool start_tls(boost::asio::ssl::context& context);
    /// Sends one more TLS 1.3 session ticket.
    void send_ticket();
    /// Sends a TLS farewell; the connection stays open below.
    void end_tls();
    /// The client will see a reset when the script returns.
    void reset();
    /// The client's choice of TLS server name; "" for none.
    std::string server_name() const;
    bool session_was_resumed() const;

   private:
    friend class ScriptedServer;
    std::size_t read_some(char* data, std::size_t size);
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    std::string pending_;
  };
  /// `number` counts connections from 0.
  using Script = std::function<void(Link&, int number)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(ScriptedServer const&) = delete;
  ScriptedServer& operator=(ScriptedServer const&) = delete;

  std::uint16_t port() const { return port_; }
  /// "http://127.0.0.1:PORT", or https.
  std::string url(std::string_view scheme = "http") const;
  int connections() const { return connections_; }
  /// Connections whose script has returned; their farewell has been sent.
  int finished() const { return finished_; }
  /// Requests that any script has read, in order.
  std::vector<std::string> requests() const;

 private:
  void accept_all();
  void serve(boost::asio::ip::tcp::socket socket, int number);

  Script script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> finished_{0};
  mutable std::mutex mutex_;
  std::set<int> open_;  // sockets of running scripts
  bool closing_ = false;
  std::vector<std::string> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_thread_;

  friend class Link;
  static thread_local ScriptedServer* current_;
};

/// "HTTP/1.1 200 OK" with a length and `body`.
std::string answer(std::string_view body, std::string_view more_headers = {});

}  // namespace tenantry::test
