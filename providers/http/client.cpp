#include "providers/http/client.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include "engine/core/text.hpp"
#include "providers/http/exchange.hpp"
#include "providers/http/pool.hpp"

namespace tenantry::http {
namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

/// Files, databases and the terminal need descriptors too.
std::size_t connections_allowed(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  auto const descriptors = static_cast<std::size_t>(limit.rlim_cur);
  auto const reserved = std::min<std::size_t>(64, descriptors / 2);
  return std::min(wanted, std::max<std::size_t>(descriptors - reserved, 1));
}

PoolLimits limits_of(ClientOptions const& options) {
  ensure(options.connections_max > 0, "a client may have a connection");
  ensure(options.connections_per_host_max > 0, "a client may have a connection per host");
  return {connections_allowed(options.connections_max), options.connections_per_host_max,
          options.idle_max};
}

}  // namespace

class Client::Implementation {
 public:
  Implementation(asio::any_io_executor executor, ClientOptions options)
      : options_(std::move(options)),
        resolver_(executor),
        pool_(std::make_shared<Pool>(executor, limits_of(options_))) {}

  /// The parameter keeps everything alive until the exchange ends, also without the Client.
  static Task<Response> send(std::shared_ptr<Implementation> self, Request request);
  void cancel_all() {
    pool_->cancel_all();
    resolver_.close();
  }

 private:
  Task<Response> attempt(Request& request);
  Task<void> ready(Pool::Lease& lease, bool& reused);
  Result<Peer> peer_of(Request const& request);
  Result<std::shared_ptr<TlsContext>> tls_of(std::string const& ca_file);
  Result<std::shared_ptr<Proxy const>> proxy_of(Endpoint const& dial);

  ClientOptions options_;
  Resolver resolver_;
  std::shared_ptr<Pool> pool_;
  std::map<std::string, std::shared_ptr<TlsContext>> tls_;  // by CA file
  std::shared_ptr<Proxy const> proxy_;
};

Task<Response> Client::Implementation::send(std::shared_ptr<Implementation> self, Request request) {
  auto response = co_await self->attempt(request);  // moves the body out
  if (response) co_return response;
  auto error = response.error();
  error.request = request.text();
  co_return error;
}

Task<Response> Client::Implementation::attempt(Request& request) {
  auto checked = check(request);
  if (!checked) co_return checked.error();
  auto peer = peer_of(request);
  if (!peer) co_return peer.error();
  auto lease = co_await pool_->take(std::move(*peer));
  if (!lease) co_return lease.error();
  bool reused = false;
  auto opened = co_await ready(*lease, reused);
  if (!opened) co_return opened.error();

  auto const head = head_of(request, options_.user_agent);
  // Only a kept connection may ask for a second try, and with it for the body once more.
  auto body = reused ? request.body : std::move(request.body);
  auto exchanged = co_await exchange(lease->connection(), request, head, std::move(body));
  // The server may close a kept connection just when it is used again. When nothing left, or doing
  // it twice is harmless, that is no news for the caller. A POST that left is: it may have run.
  bool const is_harmless = exchanged.sent == 0 || is_idempotent(request.method);
  if (reused && exchanged.unanswered && is_harmless) {
    auto const first = std::move(exchanged);
    lease->renew();
    opened = co_await ready(*lease, reused);
    if (opened) {
      exchanged = co_await exchange(lease->connection(), request, head, std::move(request.body));
    } else {
      exchanged.response = opened.error();
    }
    // To say that the request never left were a lie when the first try did.
    auto const failure =
        exchanged.response.has_error() ? exchanged.response.error().code : Errc::internal;
    bool const never_left = failure == Errc::connection || failure == Errc::unknown_host;
    if (never_left && first.sent > 0) co_return first.response;
  }
  if (exchanged.keep) lease->keep();
  co_return std::move(exchanged.response);
}

Task<void> Client::Implementation::ready(Pool::Lease& lease, bool& reused) {
  reused = lease.connection().is_open();
  if (reused) {
    reused = co_await lease.connection().is_alive();
    if (reused) co_return Result<void>();
    lease.renew();
  }
  co_return co_await lease.connection().open(resolver_,
                                             steady_clock::now() + options_.connect_timeout);
}

Result<Peer> Client::Implementation::peer_of(Request const& request) {
  Peer peer;
  peer.host = lower(request.host);
  peer.dial = {Scheme::https, peer.host, 443};
  if (!request.route.endpoint.empty()) {
    auto endpoint = parse_endpoint(request.route.endpoint);
    if (!endpoint) return endpoint.error();
    peer.dial = std::move(*endpoint);
  }
  peer.key = fmt::format("{}|{}|{}|{}", peer.dial.scheme == Scheme::https ? "https" : "http",
                         peer.dial.authority(), peer.host, request.route.ca_file);
  peer.user_agent = options_.user_agent;
  if (peer.dial.scheme == Scheme::http) return peer;
  auto tls = tls_of(request.route.ca_file);
  if (!tls) return tls.error();
  peer.tls = std::move(*tls);
  auto proxy = proxy_of(peer.dial);
  if (!proxy) return proxy.error();
  peer.proxy = std::move(*proxy);
  return peer;
}

Result<std::shared_ptr<TlsContext>> Client::Implementation::tls_of(std::string const& ca_file) {
  auto const found = tls_.find(ca_file);
  if (found != tls_.end()) return found->second;
  auto made = TlsContext::make(ca_file);
  if (made) tls_.emplace(ca_file, *made);
  return made;
}

Result<std::shared_ptr<Proxy const>> Client::Implementation::proxy_of(Endpoint const& dial) {
  if (options_.proxy.empty() || bypasses_proxy(options_.no_proxy, dial.host)) {
    return std::shared_ptr<Proxy const>();
  }
  if (!proxy_) {
    auto parsed = parse_proxy(options_.proxy);
    if (!parsed) return parsed.error();
    proxy_ = std::make_shared<Proxy const>(std::move(*parsed));
  }
  return proxy_;
}

Client::Client(asio::any_io_executor executor, ClientOptions options)
    : implementation_(std::make_shared<Implementation>(std::move(executor), std::move(options))) {}

Client::~Client() { implementation_->cancel_all(); }

Task<Response> Client::send(Request request) {
  return Implementation::send(implementation_, std::move(request));
}

void Client::cancel_all() { implementation_->cancel_all(); }

}  // namespace tenantry::http
