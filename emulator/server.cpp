// The one file with Beast: its parser and Asio's plain reads and writes, which compile four times
// faster than Beast's own operations and serve as fast.
#include "emulator/server.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <set>

namespace tenantry::emulator {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Parser = http::request_parser<http::string_body>;

namespace {

constexpr std::uint32_t kHeaderMax = 64 * 1024;
constexpr std::uint64_t kBodyMax = 64 * 1024 * 1024;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::chrono::seconds kIdleMax{300};
constexpr std::chrono::seconds kSweepPeriod{10};
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// What the sweeper and close() need of a connection. It is in their list while it lives.
struct Connection {
  using List = std::set<Connection*>;

  Connection(List& l, tcp::socket::lowest_layer_type& s, asio::io_context& io)
      : list(l), socket(s), delay(io) {
    list.insert(this);
  }
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;
  ~Connection() { list.erase(this); }

  void close() {
    boost::system::error_code ignored;
    socket.close(ignored);
    delay.cancel();
  }

  List& list;
  tcp::socket::lowest_layer_type& socket;
  asio::steady_timer delay;  ///< of an answer that waits
  std::chrono::steady_clock::time_point active = std::chrono::steady_clock::now();
};

Request convert(Parser::value_type& message) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.headers.reserve(8);
  for (auto const& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

std::string write_reply(Outcome const& outcome, bool keep_alive, bool with_body, WallTime now) {
  auto const& reply = outcome.reply;
  std::string out;
  out.reserve(256 + reply.body.size());
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", reply.status,
                 reason_of(reply.status), format_http_date(now));
  for (auto const& header : reply.headers) {
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", header.name, header.value);
  }
  if (!reply.content_type.empty()) {
    fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\n", reply.content_type);
  }
  if (reply.status != 204) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", reply.body.size());
  }
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (!with_body) return out;
  auto const cut = outcome.delivery == Outcome::Delivery::cut_body;
  out.append(reply.body, 0, cut ? reply.body.size() / 2 : reply.body.size());
  return out;
}

}  // namespace

struct Server::Parts {
  Parts(asio::io_context& context, Service& s, Certificates* c)
      : io(context), service(s), acceptor(context), sweeper(context), tls(asio::ssl::context::tls) {
    if (c == nullptr) return;
    secure = true;
    tls.set_options(asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 |
                    asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    c->install(tls.native_handle());
  }

  asio::awaitable<void> accept();
  asio::awaitable<void> sweep();
  template <class Stream>
  asio::awaitable<void> serve(Stream stream);
  template <class Stream>
  asio::awaitable<bool> exchange(Stream& stream, Connection& connection, std::string& input);
  template <class Stream>
  asio::awaitable<boost::system::error_code> read(Stream& stream, Connection& connection,
                                                  std::string& input, Parser& parser);
  template <class Stream>
  asio::awaitable<void> refuse(Stream& stream, boost::system::error_code why);

  asio::io_context& io;
  Service& service;
  tcp::acceptor acceptor;
  asio::steady_timer sweeper;
  asio::ssl::context tls;
  bool secure = false;
  bool closed = false;
  Connection::List connections;
};

asio::awaitable<void> Server::Parts::accept() {
  while (!closed) {
    auto [ec, socket] = co_await acceptor.async_accept(kTuple);
    if (closed || ec == asio::error::operation_aborted) co_return;
    if (ec) {  // most likely no file descriptor is left: others will close theirs
      asio::steady_timer pause(io, std::chrono::milliseconds(20));
      auto [ignored] = co_await pause.async_wait(kTuple);
      (void)ignored;
      continue;
    }
    boost::system::error_code no_matter;
    socket.set_option(tcp::no_delay(true), no_matter);
    if (secure) {
      asio::ssl::stream<tcp::socket> stream(std::move(socket), tls);
      asio::co_spawn(io, serve(std::move(stream)), asio::detached);
    } else {
      asio::co_spawn(io, serve(std::move(socket)), asio::detached);
    }
  }
}

/// Closes what was silent for long, so that lost clients do not hold sockets for ever.
asio::awaitable<void> Server::Parts::sweep() {
  while (!closed) {
    sweeper.expires_after(kSweepPeriod);
    auto [ec] = co_await sweeper.async_wait(kTuple);
    if (ec || closed) co_return;
    auto const oldest = std::chrono::steady_clock::now() - kIdleMax;
    for (auto* const connection : connections) {
      if (connection->active < oldest) connection->close();
    }
  }
}

template <class Stream>
asio::awaitable<void> Server::Parts::serve(Stream stream) {
  Connection connection(connections, stream.lowest_layer(), io);
  std::string input;
  auto open = !closed;
  if (!open) co_return;
  if constexpr (!std::is_same_v<Stream, tcp::socket>) {
    auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, kTuple);
    open = !ec;
  }
  while (open && !closed) open = co_await exchange(stream, connection, input);
  if constexpr (!std::is_same_v<Stream, tcp::socket>) {
    // Without this OpenSSL would forbid the client to resume its session.
    SSL_set_shutdown(stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

/// Reads until the parser has a whole request. `input` keeps what belongs to the next one.
template <class Stream>
asio::awaitable<boost::system::error_code> Server::Parts::read(Stream& stream,
                                                               Connection& connection,
                                                               std::string& input, Parser& parser) {
  auto continued = false;
  while (true) {
    boost::system::error_code ec;
    if (!input.empty()) {
      auto const used = parser.put(asio::buffer(input), ec);
      input.erase(0, used);
      if (ec == http::error::need_more) ec = {};
      if (ec || parser.is_done()) co_return ec;
      // The parser reports a header that never ends only by its own limit on what it has seen.
      if (!parser.is_header_done() && input.size() > kHeaderMax)
        co_return http::error::header_limit;
    }
    if (parser.is_header_done() && !continued &&
        parser.get()[http::field::expect] == "100-continue") {
      continued = true;
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [failed, written] = co_await asio::async_write(stream, asio::buffer(kContinue), kTuple);
      (void)written;
      if (failed) co_return failed;
    }
    auto const kept = input.size();
    input.resize(kept + kReadBytes);
    auto [failed, count] =
        co_await stream.async_read_some(asio::buffer(input.data() + kept, kReadBytes), kTuple);
    input.resize(kept + count);
    connection.active = std::chrono::steady_clock::now();
    if (failed) co_return failed;
  }
}

template <class Stream>
asio::awaitable<void> Server::Parts::refuse(Stream& stream, boost::system::error_code why) {
  auto status = 400U;
  if (why == http::error::body_limit) status = 413;
  if (why == http::error::header_limit) status = 431;
  Outcome const outcome{service.refuse(status, why.message())};
  auto const text = write_reply(outcome, false, true, service.now());
  auto [failed, written] = co_await asio::async_write(stream, asio::buffer(text), kTuple);
  if (failed) co_return;
  // A socket that is closed with unread input resets the connection, and the answer with it.
  boost::system::error_code ignored;
  stream.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  std::string sink(kReadBytes, '\0');
  for (std::uint64_t total = 0; total < 2 * kBodyMax;) {
    auto [ec, count] = co_await stream.async_read_some(asio::buffer(sink), kTuple);
    if (ec) co_return;
    total += count;
  }
}

/// One request and its answer. False: the connection is at its end.
template <class Stream>
asio::awaitable<bool> Server::Parts::exchange(Stream& stream, Connection& connection,
                                              std::string& input) {
  Parser parser;
  parser.eager(true);
  parser.header_limit(kHeaderMax);
  parser.body_limit(kBodyMax);
  auto const ec = co_await read(stream, connection, input, parser);
  if (ec) {
    auto const spoken = ec.category() == http::make_error_code(http::error::need_more).category();
    if (spoken && ec != http::error::end_of_stream) co_await refuse(stream, ec);
    co_return false;
  }
  auto const keep_alive = parser.keep_alive();
  auto const with_body = parser.get().method() != http::verb::head;
  auto const request = convert(parser.get());
  auto const outcome = service.handle(request);
  if (outcome.delay.count() > 0) {
    connection.delay.expires_after(outcome.delay);
    auto [failed] = co_await connection.delay.async_wait(kTuple);
    if (failed || closed) co_return false;
    connection.active = std::chrono::steady_clock::now();
  }
  if (outcome.delivery == Outcome::Delivery::none) co_return false;
  auto const text = write_reply(outcome, keep_alive, with_body, service.now());
  auto [failed, written] = co_await asio::async_write(stream, asio::buffer(text), kTuple);
  co_return !failed && keep_alive && outcome.delivery == Outcome::Delivery::whole;
}

Server::Server(asio::io_context& io, Service& service, Certificates* certificates)
    : parts_(std::make_unique<Parts>(io, service, certificates)) {}

Server::~Server() = default;

Result<void> Server::listen(std::string const& address, std::uint16_t port) {
  boost::system::error_code ec;
  auto const ip = asio::ip::make_address(address, ec);
  if (ec) {
    return Error(Errc::invalid, fmt::format("\"{}\" is not an IP address", address),
                 "127.0.0.1 keeps the emulator on this machine");
  }
  tcp::endpoint const endpoint(ip, port);
  auto& acceptor = parts_->acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(4096, ec);
  if (ec) {
    return Error(Errc::io, fmt::format("cannot listen on {}:{}: {}", address, port, ec.message()),
                 "another program may have the port: choose one, or 0 for any that is free");
  }
  asio::co_spawn(parts_->io, parts_->accept(), asio::detached);
  asio::co_spawn(parts_->io, parts_->sweep(), asio::detached);
  return {};
}

std::uint16_t Server::port() const {
  boost::system::error_code ec;
  return parts_->acceptor.local_endpoint(ec).port();
}

void Server::close() {
  parts_->closed = true;
  boost::system::error_code ignored;
  parts_->acceptor.close(ignored);
  parts_->sweeper.cancel();
  for (auto* const connection : parts_->connections) connection->close();
}

}  // namespace tenantry::emulator
