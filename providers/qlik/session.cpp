#include "providers/qlik/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>

#include "engine/core/text.hpp"
#include "providers/http/sleep.hpp"
#include "providers/qlik/encoding.hpp"
#include "providers/qlik/problem.hpp"

namespace tenantry::qlik {
namespace {

void set_authorization(http::Headers& headers, Secret const& token) {
  auto value = fmt::format("Bearer {}", token.reveal());
  for (auto& [name, old] : headers) {
    if (name == "Authorization") {
      old = std::move(value);
      return;
    }
  }
  headers.emplace_back("Authorization", std::move(value));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_json(http::Response const& response) {
  auto const type = lower(http::header(response.headers, "Content-Type"));
  return type.find("json") != std::string::npos;
}

Error protocol_error(http::Request const& request, std::string message) {
  Error error(Errc::protocol, std::move(message));
  error.request = request.text();
  return error;
}

}  // namespace

Task<void> QlikSession::wait(std::chrono::milliseconds time) {
  auto& wire = channel_.wire();
  auto const slept =
      co_await http::sleep_unless(wire.clock, time, [&wire] { return wire.stopping; });
  if (!slept) co_return Error(Errc::cancelled, "stopped while waiting for work in progress");
  co_return Result<void>();
}

bool QlikSession::signs_in_as(std::string_view client_id) const {
  return !client_id.empty() &&
         std::ranges::any_of(tokens_.sign_in().credentials, [&](Credential const& own) {
           return own.api_key.empty() && own.client_id.reveal() == client_id;
         });
}

bool QlikSession::uses(std::vector<Credential> const& credentials) const {
  return tokens_.sign_in().credentials == credentials;
}

std::optional<WallTime> QlikSession::server_time() const {
  if (!ahead_) return std::nullopt;
  return channel_.wire().clock.wall() + *ahead_;
}

void QlikSession::learn_time(http::Response const& response) {
  auto const date = parse_http_date(http::header(response.headers, "Date"));
  if (date) ahead_ = *date - channel_.wire().clock.wall();
}

Task<Reply> QlikSession::call(Call call) {
  auto const tier = call.tier.value_or(call.verb == Verb::get ? tier_1() : tier_2());
  auto const repeatable = call.repeatable;
  if (has_dot_segment(call.path.substr(0, call.path.find('?')))) {
    // An id of a state, a plan or an answer that is none.
    co_return Error(Errc::invalid,
                    fmt::format("\"{}\" is no path of an object", visible(call.path)));
  }
  auto request = encode(call, host(), channel_.route(), channel_.wire().random);
  auto response = co_await exchange(request, tier, repeatable);
  if (!response) co_return response.error();
  if (is_redirect(response->status)) {
    auto next = redirected(std::move(request), *response);
    if (!next) co_return next.error();
    request = std::move(*next);
    response = co_await exchange(request, tier, repeatable);
    if (!response) co_return response.error();
    if (is_redirect(response->status)) {
      co_return protocol_error(request, "the server redirects in circles");
    }
  }
  auto reply = read(request, std::move(*response));
  if (!reply) {
    auto error = reply.error();
    tokens_.mask_secrets(error);
    co_return error;
  }
  co_return reply;
}

/// Sends with a token, and once more with a new one where the server no longer takes the old.
Task<http::Response> QlikSession::exchange(http::Request request, Tier tier, bool repeatable) {
  for (bool renewed = false;; renewed = true) {
    auto token = co_await tokens_.get();
    if (!token) co_return token.error();
    set_authorization(request.headers, *token);
    auto response = co_await channel_.send(request, tier, repeatable);
    if (response) learn_time(*response);
    if (!response || response->status != 401) co_return response;
    auto error = error_of(request, *response, channel_.wire().clock.wall());
    if (renewed || !tokens_.renewable() || error.code == Errc::tenant_disabled) {
      tokens_.mask_secrets(error);
      co_return explain(std::move(error));
    }
    tokens_.discard(*token);
  }
}

Error QlikSession::explain(Error error) const {
  if (error.code == Errc::tenant_disabled) {
    error.message = fmt::format("the tenant {} is deactivated", host());
  } else if (!tokens_.renewable()) {
    error.message = fmt::format("{} does not accept the API key", host());
    error.hint =
        fmt::format("it may be of another tenant, expired or revoked: check apiKey under `{}`",
                    tokens_.sign_in().where);
  } else {
    error.message = fmt::format("{} does not accept the token that it gave out", host());
    error.hint = "check that the OAuth client still exists and that its bot user is enabled";
  }
  return error;
}

/// The request again, at the place that `response` names. Redirects are documented for reads of
/// "me" only; they stay on the host, and the token must not go anywhere else.
Result<http::Request> QlikSession::redirected(http::Request request,
                                              http::Response const& response) const {
  auto const location = http::header(response.headers, "Location");
  auto const url = boost::urls::parse_uri_reference(location);
  if (request.method != http::Method::get || location.empty() || !url) {
    return protocol_error(request, fmt::format("the server redirects to \"{}\", which no call of "
                                               "this kind may follow",
                                               visible(location)));
  }
  if (url->has_authority() && lower(std::string(url->host())) != lower(host())) {
    return protocol_error(request, fmt::format("the server redirects to another host, {}",
                                               visible(std::string(url->host()))));
  }
  std::string target(url->encoded_path().data(), url->encoded_path().size());
  if (!target.starts_with('/') || has_dot_segment(target)) {
    return protocol_error(request, fmt::format("the server redirects to \"{}\", which is no "
                                               "absolute path without dots",
                                               visible(location)));
  }
  if (url->has_query()) {
    target += '?';
    target.append(url->encoded_query().data(), url->encoded_query().size());
  }
  request.target = std::move(target);
  return request;
}

Result<Reply> QlikSession::read(http::Request const& request, http::Response response) const {
  auto const now = channel_.wire().clock.wall();
  if (response.status < 200 || response.status >= 300) return error_of(request, response, now);
  Reply reply;
  reply.status = response.status;
  if (auto const date = parse_http_date(http::header(response.headers, "Date"))) {
    reply.server_time = *date;
  }
  if (!response.body.empty() && is_json(response)) {
    auto body = parse_json(response.body);
    if (!body) {
      // The server has done what a changing request asked for; whoever made it must look.
      auto const code = request.method == http::Method::get ? Errc::protocol : Errc::lost_reply;
      Error error(code, fmt::format("the answer is no valid JSON: {}", body.error().message));
      error.request = request.text();
      return error;
    }
    reply.body = std::move(*body);
  }
  reply.bytes = std::move(response.body);
  return reply;
}

}  // namespace tenantry::qlik
