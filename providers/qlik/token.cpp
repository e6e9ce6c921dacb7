#include "providers/qlik/token.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/core/text.hpp"
#include "providers/qlik/encoding.hpp"
#include "providers/qlik/problem.hpp"

namespace tenantry::qlik {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::minutes kRenewBefore{5};
/// No token lives longer, whatever an answer says.
constexpr std::chrono::hours kLifetimeMax{24 * 365};
/// Where an answer tells no lifetime: short enough to be safe, since Qlik Cloud's is six hours.
constexpr std::chrono::minutes kLifetimeUnknown{30};

/// `expires_in` first: it holds whatever this machine's clock says.
std::chrono::nanoseconds lifetime_of(Object const& answer, WallTime now) {
  if (auto const* in = find(answer, "expires_in"); in != nullptr && in->is_number()) {
    boost::system::error_code ignored;
    auto const seconds = in->to_number<std::int64_t>(ignored);
    return std::chrono::seconds(
        std::clamp<std::int64_t>(seconds, 0, std::chrono::seconds(kLifetimeMax).count()));
  }
  auto const at = parse_time(text_at(answer, "expires_at"));
  if (at) return *at - now;
  return kLifetimeUnknown;
}

}  // namespace

struct TokenSource::Grant {
  Secret token;
  WallTime renew_at{};
};

/// A request for a token that others may wait for. Ends with an error even if the coroutine that
/// makes it is destroyed on the way.
struct TokenSource::Renewal {
  explicit Renewal(asio::any_io_executor const& executor)
      : done(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer done;  // a condition variable: cancelled when the result is there
  std::optional<Result<Secret>> result;
};

std::string SignIn::places() const {
  if (credentials.size() == 1) return fmt::format("`{}`", where);
  std::vector<std::string> each;
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    each.push_back(fmt::format("`{}.clients[{}]`", where, i));
  }
  return join_words(each);
}

TokenSource::TokenSource(Channel& channel, SignIn sign_in)
    : channel_(channel), sign_in_(std::move(sign_in)) {
  ensure(!sign_in_.credentials.empty(), "a host is signed in to with something");
}
TokenSource::~TokenSource() = default;

bool TokenSource::fresh() const {
  return !token_.empty() && channel_.wire().clock.wall() < renew_at_;
}

void TokenSource::discard(Secret const& token) {
  if (token == token_) token_ = Secret();
}

Task<Secret> TokenSource::get() {
  if (!renewable()) co_return sign_in_.credentials.front().api_key;
  if (fresh()) co_return token_;
  auto const executor = co_await asio::this_coro::executor;
  if (auto const pending = renewal_) {
    while (!pending->result) {
      auto [woken] = co_await pending->done.async_wait(asio::as_tuple(asio::use_awaitable));
      (void)woken;
      auto const cancellation = co_await asio::this_coro::cancellation_state;
      if (cancellation.cancelled() != asio::cancellation_type::none && !pending->result) {
        co_return Error(Errc::cancelled, "stopped while a token was being asked for");
      }
    }
    co_return *pending->result;
  }

  struct Announcement {  // ends the renewal on every way out, for those who wait
    TokenSource& source;
    std::shared_ptr<Renewal> renewal;
    ~Announcement() {
      if (!renewal->result) {
        renewal->result = Error(Errc::cancelled, "stopped while a token was being asked for");
      }
      renewal->done.cancel();
      source.renewal_.reset();
    }
  };
  renewal_ = std::make_shared<Renewal>(executor);
  Announcement const announcement{*this, renewal_};
  auto grant = co_await request_token();
  if (!grant) {
    announcement.renewal->result = grant.error();
    co_return grant.error();
  }
  token_ = grant->token;
  renew_at_ = grant->renew_at;
  announcement.renewal->result = token_;
  co_return token_;
}

/// With the client that was accepted last; a wrong id or secret goes on to the next.
Task<TokenSource::Grant> TokenSource::request_token() {
  auto const count = sign_in_.credentials.size();
  auto const first = *sign_in_.accepted;
  for (std::size_t tried = 1;; ++tried) {
    auto const index = (first + tried - 1) % count;
    auto grant = co_await request_token_with(sign_in_.credentials[index]);
    if (grant) *sign_in_.accepted = index;
    if (grant || grant.error().code != Errc::unauthorized || tried == count) co_return grant;
  }
}

Task<TokenSource::Grant> TokenSource::request_token_with(Credential credential) {
  if (credential.client_id.empty() || credential.client_secret.empty()) {
    co_return Error(
        Errc::unauthorized,
        fmt::format("there is no credential for {} ({})", channel_.host(), sign_in_.whose),
        fmt::format("set clientId and clientSecret under {}", sign_in_.places()));
  }
  Call call{.verb = Verb::post, .path = "/oauth/token"};
  call.body = Object{{"client_id", credential.client_id.reveal()},
                     {"client_secret", credential.client_secret.reveal()},
                     {"grant_type", "client_credentials"}};
  auto const& wire = channel_.wire();
  auto const request = encode(call, channel_.host(), channel_.route(), wire.random);
  // A second token does no harm, so a lost answer may be asked for again.
  auto response = co_await channel_.send(request, tier_2(), true);
  if (!response) co_return response.error();
  auto const now = wire.clock.wall();
  if (response->status != 200) co_return explain(error_of(request, *response, now));
  auto const answer = parse_json(response->body);
  auto const token =
      answer && answer->is_object() ? text_at(answer->get_object(), "access_token") : std::string();
  if (token.empty()) {
    Error error(Errc::protocol, "the answer holds no access token",
                fmt::format("check that {} is a Qlik Cloud host", channel_.host()));
    error.request = request.text();
    co_return error;
  }
  auto const lifetime = lifetime_of(answer->get_object(), now);
  auto const margin = std::min<std::chrono::nanoseconds>(kRenewBefore, lifetime / 10);
  Grant grant{Secret(token),
              now + std::chrono::duration_cast<WallTime::duration>(lifetime - margin)};
  co_return grant;
}

/// Says whose credential it is, and leaves out the secret should the server repeat it.
Error TokenSource::explain(Error error) const {
  auto const host = channel_.host();
  if (error.code == Errc::unauthorized || error.code == Errc::rejected) {
    if (error.code == Errc::unauthorized && sign_in_.credentials.size() > 1) {
      error.message = fmt::format("no client of {} is accepted", sign_in_.whose);
    } else if (error.code == Errc::unauthorized) {
      error.message = fmt::format("the client id or secret of {} is wrong", sign_in_.whose);
    } else {
      error.message = fmt::format("{} gives the client of {} no token", host, sign_in_.whose);
    }
    error.hint = fmt::format(
        "check clientId and clientSecret under {}; a client of another region or licence is "
        "refused by {} as well",
        sign_in_.places(), host);
  } else if (error.code == Errc::forbidden) {
    error.message = fmt::format("the client of {} may not sign in to {}", sign_in_.whose, host);
    error.hint =
        "the OAuth client needs the grant type client_credentials and the consent method trusted";
  } else if (error.code == Errc::not_found) {
    error.message = fmt::format("Qlik Cloud knows no host {}", host);
    error.hint = "check the region and the host name or alias of the tenant";
  } else if (error.code == Errc::tenant_disabled) {
    error.message = fmt::format("the tenant {} is deactivated", host);
  }
  mask_secrets(error);
  return error;
}

void TokenSource::mask_secrets(Error& error) const {
  mask(error, token_);
  for (auto const& credential : sign_in_.credentials) {
    mask(error, credential.client_secret);
    mask(error, credential.api_key);
  }
}

}  // namespace tenantry::qlik
