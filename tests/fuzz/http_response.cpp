// Bytes of a hostile server or proxy to the HTTP client. Input: a line of letters (`p`: they come
// from a proxy; `s`: in small pieces; `k`: the connection stays open for the second request), then
// what each connection gets.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <set>

#include "providers/http/client.hpp"
#include "tests/fuzz/targets.hpp"

namespace tenantry::fuzz {
namespace {
namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBodyMax = 2000;
constexpr std::size_t kHeadersMax = std::size_t{64} << 10;

/// Gives one part of the input to each connection and closes it, or leaves that to hang_up().
class HostileServer {
 public:
  HostileServer(asio::io_context& io, std::string_view options,
                std::vector<std::string_view> answers)
      : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        answers_(std::move(answers)),
        in_pieces_(options.find('s') != std::string_view::npos),
        keeps_open_(options.find('k') != std::string_view::npos) {
    asio::co_spawn(io, accept(), asio::detached);
  }

  std::string authority() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  void close() {
    closed_ = true;
    acceptor_.close();
  }
  /// Closes what was kept open.
  void hang_up() {
    boost::system::error_code ignored;
    for (auto* const socket : open_) socket->shutdown(tcp::socket::shutdown_both, ignored);
  }

 private:
  asio::awaitable<void> accept() {
    for (std::size_t number = 0;; ++number) {
      auto [ec, socket] = co_await acceptor_.async_accept(kTuple);
      if (ec) co_return;
      auto const executor = co_await asio::this_coro::executor;
      asio::co_spawn(executor, serve(std::move(socket), part(answers_, number)), asio::detached);
    }
  }

  /// A request is answered when any of it has come; the client must not mind.
  asio::awaitable<void> serve(tcp::socket socket, std::string_view answer) {
    std::string sink(4096, '\0');
    struct Open {  // for as long as this coroutine lives
      std::set<tcp::socket*>& all;
      tcp::socket* one;
      ~Open() { all.erase(one); }
    };
    open_.insert(&socket);
    Open const entry{open_, &socket};
    do {
      auto [ec, count] = co_await socket.async_read_some(asio::buffer(sink), kTuple);
      if (ec) co_return;
      auto const piece = in_pieces_ ? std::size_t{7} : std::max<std::size_t>(answer.size(), 1);
      for (std::size_t at = 0; at < answer.size(); at += piece) {
        auto [failed, written] =
            co_await asio::async_write(socket, asio::buffer(answer.substr(at, piece)), kTuple);
        if (failed) co_return;
      }
    } while (keeps_open_ && !closed_);
  }

  tcp::acceptor acceptor_;
  std::vector<std::string_view> answers_;
  bool in_pieces_;
  bool keeps_open_;
  bool closed_ = false;
  std::set<tcp::socket*> open_;
};

void check(Result<http::Response> const& result) {
  if (!result) {
    auto const code = result.error().code;
    ensure(code == Errc::connection || code == Errc::lost_reply || code == Errc::tls ||
               code == Errc::protocol || code == Errc::too_large,
           "a broken answer is told by its code");
    ensure(is_plain(result.error().message), "a broken answer is told in visible characters");
    ensure(result.error().request.ends_with("://acme.eu.qlikcloud.com/api/v1/roles"),
           "an error names its request without the query");
    return;
  }
  ensure(result->status >= 200 && result->status <= 999, "an answer has a final status");
  ensure(result->body.size() <= kBodyMax, "a body keeps to its limit");
  std::size_t bytes = 0;
  for (auto const& [name, value] : result->headers) {
    bytes += name.size() + value.size();
    ensure(!name.empty() && value.find_first_of("\r\n") == std::string::npos, "a header is one");
  }
  ensure(bytes <= kHeadersMax, "headers keep to their limit");
}

asio::awaitable<void> talk(http::Client& client, HostileServer& server, bool by_proxy) {
  for (int i = 0; i < 2; ++i) {
    http::Request request;
    request.host = "acme.eu.qlikcloud.com";
    request.target = "/api/v1/roles?limit=100";
    request.response_bytes_max = kBodyMax;
    request.timeout = std::chrono::minutes(1);  // an input that takes so long is a finding
    if (!by_proxy) request.route.endpoint = "http://" + server.authority();
    check(co_await client.send(std::move(request)));
  }
  client.cancel_all();
  server.close();
}

}  // namespace

void http_response(std::string_view input) {
  // Reading all the authorities that this machine trusts takes longer than everything else, and
  // no input of a fuzzer is a certificate of theirs.
  static int const no_authorities = ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  ensure(no_authorities == 0, "the environment takes a variable");
  auto const options = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(options.size() + 1, input.size()));
  asio::io_context io(1);
  bool const by_proxy = options.find('p') != std::string_view::npos;
  constexpr std::size_t kConnectionsMax = 4;
  HostileServer server(io, by_proxy ? options.substr(0, 0) : options,
                       parts(input, kConnectionsMax));
  http::ClientOptions client_options;
  client_options.connect_timeout = std::chrono::minutes(1);
  if (by_proxy) client_options.proxy = "http://" + server.authority();
  http::Client client(io.get_executor(), client_options);
  asio::co_spawn(io, talk(client, server, by_proxy), asio::detached);
  // When nothing moves any more, the client waits for bytes that do not come, and only its patience
  // would end that. Both sides are in this thread, so that a moment is enough to tell.
  constexpr std::chrono::milliseconds kStill{1};
  while (!io.stopped()) {
    if (io.run_one_for(kStill) == 0) server.hang_up();
  }
}

}  // namespace tenantry::fuzz
