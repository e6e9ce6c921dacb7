// /oauth/token on tenant, register and console hosts.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/call.hpp"
#include "emulator/client_authentication.hpp"
#include "emulator/users.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::chrono::seconds kLifetime{21'600};
constexpr std::string_view kClientCredentials = "client_credentials";
constexpr std::string_view kImpersonation = "urn:qlik:oauth:user-impersonation";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::vector<std::string> platform_scopes(HostKind host) {
  if (host == HostKind::console) return {"cloud-console.tenants:read"};
  return {"admin_classic", "tenants:create", "tenants:deactivate", "tenants:reactivate"};
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return text;
}

Problem wrong_client() { return {.status = 401, .detail = "unknown client or wrong secret"}; }

/// The scopes that were asked for, which the client must have; none asked for: all of them.
std::variant<std::vector<std::string>, Problem> choose_scopes(std::vector<std::string> const& all,
                                                              std::string_view wanted) {
  std::vector<std::string> scopes;
  while (!wanted.empty()) {
    auto const scope = wanted.substr(0, wanted.find(' '));
    wanted.remove_prefix(std::min(scope.size() + 1, wanted.size()));
    if (scope.empty()) continue;
    if (std::ranges::find(all, scope) == all.end()) {
      return Problem{.detail = "the client does not have a scope that was asked for",
                     .code = "invalid_scope",
                     .title = "Invalid scope"};
    }
    scopes.emplace_back(scope);
  }
  return scopes.empty() ? all : scopes;
}

/// The user that an impersonation names.
std::variant<std::string, Problem> looked_up(Call const& call, Object const& body) {
  auto const* const lookup = find(body, "user_lookup");
  if (lookup == nullptr || !lookup->is_object()) return invalid("/user_lookup", "is required");
  auto const field = text_at(lookup->get_object(), "field");
  auto const value = text_at(lookup->get_object(), "value");
  if (field != "userId" && field != "subject") {
    return invalid("/user_lookup/field", "must be userId or subject");
  }
  auto const& users = call.table("users");
  auto const* const user = field == "userId" ? users.find(value) : users.find_by_key(value);
  if (user == nullptr) return Problem{.status = 403, .detail = "there is no such user"};
  return user->id;
}

Answer issue(Call& call, Token token, std::vector<std::string> const& all_scopes,
             std::string_view wanted) {
  auto scopes = choose_scopes(all_scopes, wanted);
  if (auto const* const problem = std::get_if<Problem>(&scopes)) return *problem;
  token.scopes = std::move(std::get<0>(scopes));
  token.expires = call.world.now() + kLifetime;
  auto const expires = format_time_millis(token.expires);
  auto const scope = fmt::format("{}", fmt::join(token.scopes, " "));
  auto const text = call.world.issue(std::move(token));
  return json_reply(200, {{"access_token", text},
                          {"token_type", "bearer"},
                          {"expires_in", kLifetime.count()},
                          {"expires_at", expires},
                          {"scope", scope}});
}

Answer tenant_token(Call& call, Object const& body, Token token, bool impersonates) {
  ClientProof const proof{text_at(body, "client_secret"), text_at(body, "client_assertion"),
                          call.origin + call.path};
  auto const client = authenticate_client(call.world, *call.tenant, token.client_id, proof);
  if (!client) return Problem{.status = 401, .detail = client.error().message};
  auto const grant = impersonates ? kImpersonation : kClientCredentials;
  if (std::ranges::find(client->grants, grant) == client->grants.end()) {
    return forbidden("the client does not have this grant type");
  }
  if (!client->trusted) return forbidden("the client's consent method is not trusted");
  if (impersonates) {
    auto user = looked_up(call, body);
    if (auto const* const problem = std::get_if<Problem>(&user)) return *problem;
    token.user_id = std::get<0>(user);
  } else {
    token.user_id = bot_user(call.world, *call.tenant, client->id, client->name);
  }
  return issue(call, std::move(token), client->scopes, text_at(body, "scope"));
}

/// A client uses one way to prove that it is itself (RFC 6749, 2.3).
Refusal check_assertion_form(Object const& body) {
  if (!body.contains("client_assertion")) return std::nullopt;
  if (body.contains("client_secret")) {
    return invalid("/client_secret", "cannot be combined with client_assertion");
  }
  if (text_at(body, "client_assertion").empty()) {
    return invalid("/client_assertion", "must be a signed token");
  }
  if (text_at(body, "client_assertion_type") != kAssertionType) {
    return invalid("/client_assertion_type", fmt::format("must be {}", kAssertionType));
  }
  return std::nullopt;
}

Answer create_token(Call& call) {
  auto const* const body = call.body.if_object();
  if (body == nullptr) return invalid("", "must be an object");
  auto const grant = text_at(*body, "grant_type");
  if (grant != kClientCredentials && grant != kImpersonation) {
    return Problem{.detail = "grant_type must be client_credentials or user impersonation",
                   .code = "unsupported_grant_type",
                   .title = "Unsupported grant type"};
  }
  Token token;
  token.realm = World::realm_of(call.host, call.region, call.tenant);
  token.client_id = text_at(*body, "client_id");
  if (token.client_id.empty()) return invalid("/client_id", "is required");
  token.caller = call.world.caller(token.realm, token.client_id);
  if (auto refusal = call.world.meter(*token.caller, call.route->tier)) return *refusal;
  if (auto refusal = check_assertion_form(*body)) return *refusal;
  if (!call.world.is_platform_client(token.client_id)) {
    if (call.tenant == nullptr) return wrong_client();
    return tenant_token(call, *body, std::move(token), grant == kImpersonation);
  }
  if (!call.world.platform_secret_fits(token.client_id, text_at(*body, "client_secret"))) {
    return wrong_client();
  }
  if (grant != kClientCredentials) return forbidden("the client does not have this grant type");
  if (call.tenant != nullptr) {
    token.user_id =
        bot_user(call.world, *call.tenant, token.client_id, upper(call.region) + " OAuth Client");
  }
  return issue(call, std::move(token), platform_scopes(call.host), text_at(*body, "scope"));
}

}  // namespace

Kind tokens_kind() {
  Kind kind{.errors = {.source = false}, .tables = {}, .routes = {}};
  for (auto const host : {HostKind::tenant, HostKind::region, HostKind::console}) {
    kind.routes.push_back({"POST", "/oauth/token", create_token, kTier2, Access::open,
                           BodyKind::json_or_form, "", host});
  }
  return kind;
}

}  // namespace tenantry::emulator
