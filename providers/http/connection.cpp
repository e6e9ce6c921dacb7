#include "providers/http/connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/core/text.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = std::size_t{16} << 10;  // a TLS record
constexpr std::uint32_t kProxyHeaderBytesMax = 16U << 10;

}  // namespace

Connection::Connection(asio::any_io_executor executor, Peer peer)
    : peer_(std::move(peer)), socket_(executor), wake_(executor) {}

Connection::~Connection() { close(); }

void Connection::close() {
  // OpenSSL takes a session as unfit for resumption when its connection is dropped without this.
  if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  error_code ignored;
  socket_.close(ignored);
}

void Connection::cancel() {
  cancelled_ = true;
  close();
  wake_.cancel();
}

auto Connection::completes(Operation& operation) {
  operation = {false, {}, 0};
  return [self = shared_from_this(), &operation](error_code error, std::size_t bytes = 0) {
    operation = {true, error, bytes};
    self->wake_.cancel();
  };
}

asio::awaitable<Connection::Waited> Connection::wait(bool const& done, SteadyTime deadline) {
  auto const self = shared_from_this();
  while (!done) {
    if (cancelled_) co_return Waited::cancelled;
    if (deadline <= steady_clock::now()) co_return Waited::expired;
    wake_.expires_at(deadline);
    auto [ec] = co_await wake_.async_wait(kTuple);
    (void)ec;
    auto const state = co_await asio::this_coro::cancellation_state;
    if (!done && state.cancelled() != asio::cancellation_type::none) cancelled_ = true;
  }
  co_return Waited::done;
}

asio::awaitable<Connection::Outcome> Connection::finish(Operation& operation, SteadyTime deadline) {
  auto const self = shared_from_this();
  auto const waited = co_await wait(operation.done, deadline);
  if (waited == Waited::done) {
    // A connection that cancel() closed under a finished step is of no more use.
    if (cancelled_) co_return Outcome{asio::error::operation_aborted, operation.bytes};
    co_return Outcome{operation.error, operation.bytes};
  }
  close();
  if (waited == Waited::cancelled) {
    // How much went out does not matter any more to the one who gave up.
    co_return Outcome{asio::error::operation_aborted, operation.bytes};
  }
  // Closing ends the operation at once; only its handler knows how much went out.
  auto const drained = co_await wait(operation.done, SteadyTime::max());
  if (drained == Waited::cancelled) {
    co_return Outcome{asio::error::operation_aborted, operation.bytes};
  }
  co_return Outcome{asio::error::timed_out, operation.bytes};
}

Error Connection::failure(std::string_view what, error_code error) const {
  if (error == asio::error::operation_aborted) {
    return Error(Errc::cancelled, fmt::format("{}: stopped", what));
  }
  auto reason = error.message();
  if (error == asio::error::timed_out) reason = "no answer in time";
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    reason = "the other end closed the connection";
  }
  return Error(Errc::connection, fmt::format("{}: {}", what, reason),
               "check the network, and HTTPS_PROXY where a proxy is needed");
}

Task<void> Connection::open(Resolver& resolver, SteadyTime deadline) {
  auto const self = shared_from_this();
  if (cancelled_) co_return failure("connection", asio::error::operation_aborted);
  auto connected = co_await connect(resolver, deadline);
  if (connected && peer_.proxy) connected = co_await tunnel(deadline);
  if (connected && peer_.tls) connected = co_await handshake(deadline);
  if (!connected) close();
  co_return connected;
}

Task<std::vector<tcp::endpoint>> Connection::find(Resolver& resolver, Endpoint first_hop,
                                                  SteadyTime deadline) {
  // Of its own: a lookup that nobody waits for any more still ends, and then finds its place.
  struct Answer {
    bool done = false;
    Lookup lookup;
  };
  auto const answer = std::make_shared<Answer>();
  resolver.resolve(first_hop.host, [self = shared_from_this(), answer](Lookup const& lookup) {
    answer->lookup = lookup;
    answer->done = true;
    self->wake_.cancel();
  });
  auto const waited = co_await wait(answer->done, deadline);
  auto const what = fmt::format("cannot find the address of {}", visible(first_hop.host));
  if (waited == Waited::cancelled || cancelled_) {
    co_return failure(what, asio::error::operation_aborted);
  }
  if (waited == Waited::expired) co_return failure(what, asio::error::timed_out);
  if (!answer->lookup.problem.empty()) {
    auto const code = answer->lookup.unknown ? Errc::unknown_host : Errc::connection;
    co_return Error(code, fmt::format("{}: {}", what, answer->lookup.problem),
                    "check the host name, and that this machine can resolve names");
  }
  std::vector<tcp::endpoint> endpoints;
  for (auto const& address : answer->lookup.addresses) {
    endpoints.emplace_back(address, first_hop.port);
  }
  co_return endpoints;
}

Task<void> Connection::connect(Resolver& resolver, SteadyTime deadline) {
  auto const& first_hop = peer_.proxy ? peer_.proxy->endpoint : peer_.dial;
  auto found = co_await find(resolver, first_hop, deadline);
  if (!found) co_return found.error();
  Outcome outcome{asio::error::host_not_found, 0};
  for (std::size_t i = 0; i < found->size(); ++i) {
    // Addresses share what time is left, so that a dead one does not use up all of it.
    auto const now = steady_clock::now();
    auto const share = (deadline - now) / static_cast<std::int64_t>(found->size() - i);
    socket_.async_connect((*found)[i], completes(step_));
    outcome = co_await finish(step_, now + share);
    if (!outcome.error || cancelled_) break;
    close();
  }
  if (outcome.error) {
    co_return failure(fmt::format("cannot connect to {}", visible(first_hop.authority())),
                      outcome.error);
  }
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  co_return Result<void>();
}

Task<void> Connection::tunnel(SteadyTime deadline) {
  namespace bh = boost::beast::http;
  auto const what = fmt::format("proxy {}", visible(peer_.proxy->endpoint.authority()));
  auto written = co_await write(connect_request(*peer_.proxy, peer_.dial, peer_.user_agent),
                                std::string(), deadline);
  if (written.error) co_return failure(what, written.error);
  bh::response_parser<bh::string_body> parser;
  parser.header_limit(kProxyHeaderBytesMax);
  parser.skip(true);  // an answer to CONNECT has no body that matters here
  while (!parser.is_header_done()) {
    auto const got = co_await read(deadline);
    if (got.error) co_return failure(what, got.error);
    error_code ec;
    input_.consume(parser.put(input_.data(), ec));
    if (ec && ec != bh::error::need_more) co_return failure(what, ec);
  }
  auto const status = parser.get().result_int();
  if (status < 200 || status > 299) {
    co_return Error(
        Errc::connection,
        fmt::format("{} refused a tunnel to {}: HTTP {} {}", what, visible(peer_.dial.authority()),
                    status, visible(std::string_view(parser.get().reason()))),
        status == 407 ? "put the proxy's user and password into HTTPS_PROXY"
                      : "check HTTPS_PROXY, and NO_PROXY for hosts reached directly");
  }
  input_.clear();
  co_return Result<void>();
}

Task<void> Connection::handshake(SteadyTime deadline) {
  tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, peer_.tls->native());
  auto* const ssl = tls_->native_handle();
  auto prepared = peer_.tls->prepare(ssl, peer_.host, peer_.key);
  if (!prepared) co_return prepared.error();
  tls_->async_handshake(asio::ssl::stream_base::client, completes(step_));
  auto const outcome = co_await finish(step_, deadline);
  if (!outcome.error) co_return Result<void>();
  peer_.tls->forget(peer_.key);
  auto const what = fmt::format("TLS with {}", visible(peer_.host));
  if (outcome.error.category() != asio::error::get_ssl_category()) {
    co_return failure(what, outcome.error);
  }
  co_return Error(
      Errc::tls, fmt::format("{}: {}", what, handshake_problem(ssl, outcome.error.message())),
      "the server needs TLS 1.2 or newer and a valid certificate for this host name; a private "
      "certificate authority is named with caFile");
}

asio::awaitable<Connection::Outcome> Connection::write(std::string head, std::string body,
                                                       SteadyTime deadline) {
  head_ = std::move(head);
  body_ = std::move(body);
  // TLS makes a record of each buffer, so a small body rides with its head.
  if (body_.size() <= kReadBytes / 2) {
    head_ += body_;
    body_.clear();
  }
  std::array const buffers{asio::buffer(std::as_const(head_)), asio::buffer(std::as_const(body_))};
  if (tls_) {
    asio::async_write(*tls_, buffers, completes(step_));
  } else {
    asio::async_write(socket_, buffers, completes(step_));
  }
  auto const outcome = co_await finish(step_, deadline);
  if (step_.done) {
    head_.clear();
    body_ = std::string();
  }
  co_return outcome;
}

void Connection::start_read() {
  reading_ = true;
  auto const room = input_.prepare(kReadBytes);
  if (tls_) {
    tls_->async_read_some(room, completes(read_));
  } else {
    socket_.async_read_some(room, completes(read_));
  }
}

asio::awaitable<Connection::Outcome> Connection::read(SteadyTime deadline) {
  if (!reading_) start_read();
  auto const outcome = co_await finish(read_, deadline);
  if (!read_.done) co_return outcome;  // cancelled; the handler still owns the buffer
  reading_ = false;
  input_.commit(outcome.bytes);
  co_return outcome;
}

Connection::Unread Connection::unread() {
  char byte = 0;
  auto const got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return Unread::bytes;
  if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return Unread::end;
  if (!tls_) return Unread::nothing;
  // Records that came in one piece with the last answer wait inside of OpenSSL.
  auto* const ssl = tls_->native_handle();
  bool const has_record = SSL_has_pending(ssl) == 1 || BIO_ctrl_pending(SSL_get_rbio(ssl)) > 0;
  return has_record ? Unread::bytes : Unread::nothing;
}

asio::awaitable<bool> Connection::is_alive() {
  auto const self = shared_from_this();
  if (!socket_.is_open() || cancelled_) co_return false;
  auto const waiting = unread();
  if (waiting == Unread::nothing) co_return true;
  if (waiting == Unread::end || !tls_) co_return false;
  // Over TLS the bytes may be a late session ticket, which is harmless, or a farewell. A read
  // tells: it takes in tickets and goes on waiting, and the next exchange takes it over.
  constexpr int kTurns = 4;  // of the event loop: the socket, the record, the handler
  if (!reading_) start_read();
  for (int turn = 0; turn < kTurns && !read_.done; ++turn) {
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);
  }
  co_return !read_.done && !cancelled_ && unread() == Unread::nothing;
}

}  // namespace tenantry::http
