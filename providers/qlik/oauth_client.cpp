// oauthClients: /api/v1/oauth-clients. TenantAdmin only. The secret is shown once.
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::string_view kSecretMethod = "client_secret";
constexpr std::string_view kKeyMethod = "private_key_jwt";

std::vector<Attribute> key_fields() {
  return {
      {.name = "kid", .use = Use::required, .doc = "Id of the key, as tokens name it."},
      {.name = "kty", .use = Use::required, .doc = "Type of the key.", .one_of = {"RSA", "EC"}},
      {.name = "use", .use = Use::required, .doc = "Always `sig`.", .one_of = {"sig"}},
      {.name = "alg",
       .use = Use::required,
       .doc = "Signature algorithm.",
       .one_of = {"RS256", "RS512", "ES384"}},
      {.name = "n", .doc = "Modulus of an RSA key, base64url."},
      {.name = "e", .doc = "Exponent of an RSA key, base64url."},
      {.name = "crv", .doc = "Curve of an EC key, e.g. `P-384`."},
      {.name = "x", .doc = "x coordinate of an EC key, base64url."},
      {.name = "y", .doc = "y coordinate of an EC key, base64url."},
  };
}

std::vector<Attribute> attributes() {
  return {
      {.name = "clientName",
       .use = Use::required,
       .doc = "Shown where users consent. Unique in the configuration of a tenant, since it is how "
              "a client is recognised.",
       .length_min = 1,
       .length_max = 512},
      {.name = "appType",
       .use = Use::required,
       .on_change = OnChange::replace,
       .doc = "`web` for a server that can keep a secret (machine-to-machine too), `spa` and "
              "`native` for public clients, `anonymous-embed` for anonymous access.",
       .one_of = {"web", "native", "spa", "anonymous-embed"}},
      {.name = "description", .doc = "What the client is for.", .length_max = 4096},
      {.name = "clientUri", .doc = "Home page of the application.", .length_max = 2048},
      {.name = "logoUri", .doc = "Picture shown where users consent.", .length_max = 2048},
      {.name = "redirectUris",
       .kind = Kind::set,
       .doc = "Where users may be sent back to after they signed in.",
       .length_max = 256,
       .items_max = 5},
      {.name = "allowedOrigins",
       .kind = Kind::set,
       .doc = "Origins that may ask for tokens from a browser; `spa` only.",
       .length_max = 256,
       .items_max = 5},
      {.name = "allowedScopes",
       .kind = Kind::set,
       .doc = "Scopes that tokens of the client may have, e.g. `user_default`.",
       .length_max = 256},
      {.name = "allowedGrantTypes",
       .kind = Kind::set,
       .doc = "Ways to a token without a user in a browser; `web` only. A machine-to-machine "
              "client has client_credentials.",
       .one_of = {"client_credentials", "urn:qlik:oauth:user-impersonation"}},
      {.name = "allowedAuthMethods",
       .kind = Kind::set,
       .doc = "How the client proves who it is: by a secret, or by a signed token "
              "(private_key_jwt), which needs publicKeys or jwksUri.",
       .one_of = {std::string(kSecretMethod), std::string(kKeyMethod)}},
      {.name = "publicKeys",
       .kind = Kind::set,
       .doc = "JSON web keys that verify the tokens of private_key_jwt.",
       .element = Kind::object,
       .fields = key_fields()},
      {.name = "jwksUri", .doc = "Where the client publishes its JSON web keys."},
      {.name = "connectionConfig",
       .kind = Kind::object,
       .doc = "How this tenant treats the client.",
       .fields = {{.name = "consentMethod",
                   .doc = "Whether users are asked for consent (`required`) or the client is "
                          "`trusted`, as machine-to-machine and impersonation clients must be.",
                   .one_of = {"required", "trusted"},
                   .server_default = "required"}}},
      {.name = "deliverSecret",
       .kind = Kind::object,
       .use = Use::meta,
       .doc = "Where the secret goes that Qlik Cloud shows once: {file: PATH} writes a JSON "
              "document with clientId, clientSecret and host."},
  };
}

bool is_web(Object const& client) { return text_at(client, "appType") == "web"; }

bool contains(Value const* list, std::string_view text) {
  if (list == nullptr || !list->is_array()) return false;
  return std::ranges::any_of(list->get_array(), [&](Value const& element) {
    return element.is_string() && std::string_view(element.get_string()) == text;
  });
}

/// A web client that signs in by secret, which is the default.
bool has_secret(Object const& client) {
  auto const* methods = find(client, "allowedAuthMethods");
  bool const none_written =
      methods == nullptr || !methods->is_array() || methods->get_array().empty();
  return is_web(client) && (none_written || contains(methods, kSecretMethod));
}

/// Rules that the contract states across attributes (OAuthClientCreateRequest).
void check_client(Object const& written, ReportProblem const& report) {
  auto const* app_type = find(written, "appType");
  bool const known = app_type != nullptr && app_type->is_string();
  auto const type = text_at(written, "appType");
  if (known && type != "web" && written.contains("allowedGrantTypes")) {
    report({"/allowedGrantTypes", "attribute does not fit the appType",
            fmt::format("\"allowedGrantTypes\" is for appType web only, not {}.", visible(type)),
            "remove it, or set appType to web"});
  }
  if (known && type != "spa" && written.contains("allowedOrigins")) {
    report({"/allowedOrigins", "attribute does not fit the appType",
            fmt::format("\"allowedOrigins\" is for appType spa only, not {}.", visible(type)),
            "remove it, or set appType to spa"});
  }
  if (contains(find(written, "allowedAuthMethods"), kKeyMethod) &&
      !written.contains("publicKeys") && !written.contains("jwksUri")) {
    report({"/allowedAuthMethods", "missing attribute",
            "private_key_jwt needs the keys that verify its tokens.", "add publicKeys or jwksUri"});
  }
}

Schema const& oauth_client_schema() {
  static Schema const schema{
      .section = "oauthClients",
      .singular = "OAuth client",
      .doc =
          "An application that asks the tenant for tokens. Qlik Cloud gives its id, and for a "
          "`web` client a secret, which is delivered once.",
      .attributes = attributes(),
      .natural_key = {"clientName"},
      .check = check_client,
  };
  return schema;
}

/// "report-portal" of "Report Portal": a file name to suggest.
std::string slug(std::string const& name) {
  std::string out;
  for (char const c : lower(name)) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "client" : out;
}

std::optional<Error> refuse_losing_secret(Object const& client, Object const& meta,
                                          std::string_view occasion) {
  if (meta.contains("deliverSecret")) return std::nullopt;
  auto const name = text_at(client, "clientName");
  return Error(
      Errc::invalid,
      fmt::format("nobody would receive the secret that the OAuth client \"{}\" is given {}",
                  visible(name), occasion),
      fmt::format("say where it goes: `deliverSecret: {{file: \"secrets/{}.json\"}}`", slug(name)));
}

constexpr std::size_t kSecretsMax = 5;  // at a time, per client

std::string consent_of(Object const& client) {
  auto const* config = find(client, "connectionConfig");
  if (config == nullptr || !config->is_object()) return {};
  return text_at(config->get_object(), "consentMethod");
}

Error locks_out(std::string_view what) {
  return Error(
      Errc::guard,
      fmt::format("this is the OAuth client that the run itself signs in with, and {}", what),
      "use another client for this tenant first");
}

class OAuthClientType final : public CollectionType {
 public:
  OAuthClientType()
      : CollectionType(
            oauth_client_schema(),
            {.path = "/api/v1/oauth-clients", .id = "clientId", .updated_at = "updatedAt"}) {}

  bool creates_secret(Object const& planned) const override { return has_secret(planned); }

  std::optional<Error> refuse_create(Object const& planned, Object const& meta) const override {
    if (!has_secret(planned)) return std::nullopt;
    return refuse_losing_secret(planned, meta, "when it is created");
  }

  std::optional<Error> refuse_update(Object const& live, Object const& planned,
                                     Object const& meta) const override {
    if (has_secret(live) || !planned.contains("allowedAuthMethods")) return std::nullopt;
    auto after = live;
    for (auto const& member : planned) after[member.key()] = member.value();
    if (!has_secret(after)) return std::nullopt;
    return refuse_losing_secret(after, meta, "with `client_secret` in allowedAuthMethods");
  }

  Task<Created> create(Operation operation, Object planned) const override {
    auto body = settable(schema(), planned);
    // Only `trusted` can be sent; `required` is what a new client has.
    if (consent_of(planned) != "trusted") body.erase("connectionConfig");
    auto reply = co_await post(operation.session, collection().path, std::move(body));
    if (!reply) co_return reply.error();
    auto answer = created_body(*reply, collection().id, schema().singular);
    if (!answer) co_return answer.error();
    Created created{live(*answer), std::nullopt};
    // The contract names a secret for public clients too; nobody may use it.
    if (has_secret(planned)) created.secret = secret_from(*answer, created.object.id, operation);
    co_return created;
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    if (auto refusal = refuse_lock_out(operation.session, id, changed)) co_return *refusal;
    // Consent first: the secret that the patch may give out is then the last thing to happen.
    auto const consent = consent_of(changed);
    if (!consent.empty()) {
      Object const change{{"consentMethod", consent}};
      auto reply =
          co_await patch_replace(operation.session, path_of(id) + "/connection-configs/me", change);
      if (!reply) co_return reply.error();
    }
    Updated updated;
    auto patch = settable(schema(), changed);
    patch.erase("connectionConfig");
    if (patch.empty()) co_return updated;
    auto reply = co_await send_patch(operation.session, id, std::move(patch));
    if (!reply) co_return reply.error();
    if (auto const* answer = reply->body.if_object(); answer != nullptr && has_secret(planned)) {
      updated.secret = secret_from(*answer, id, operation);
    }
    co_return updated;
  }

  /// POST client-secrets; then the older ones go, since at most five may exist and nobody has them.
  Task<DeliverableSecret> renew_secret(Operation operation, RemoteId id) const override {
    auto client = co_await get(operation.session, path_of(id));
    if (!client) co_return client.error();
    auto const hints = secret_hints(*client);
    if (hints.size() >= kSecretsMax) {
      auto removed = co_await remove_secret(operation.session, id, hints.front());
      if (!removed) co_return removed.error();
    }
    // Asked for twice, a lost answer leaves one more secret that the next renewal removes.
    Call call{.verb = Verb::post, .path = path_of(id) + "/client-secrets", .repeatable = true};
    auto reply = co_await operation.session.call(std::move(call));
    if (!reply) co_return reply.error();
    auto const* answer = reply->body.if_object();
    auto secret = answer != nullptr ? secret_from(*answer, id, operation) : std::nullopt;
    if (!secret) co_return Error(Errc::protocol, "the answer to a new client secret has none");
    for (auto const& hint : hints) {
      auto removed = co_await remove_secret(operation.session, id, hint);
      if (!removed) co_return removed.error();
    }
    co_return std::move(*secret);
  }

  Task<void> remove(Operation operation, RemoteId id) const override {
    if (operation.session.signs_in_as(id.text())) {
      co_return locks_out("deleting it would lock it out");
    }
    std::vector<std::pair<std::string, std::string>> headers;
    headers.emplace_back("qlik-confirm-delete", id.text());
    co_return co_await tenantry::remove(operation.session, path_of(id), std::move(headers));
  }

 private:
  /// The last characters of each secret, by which it is deleted.
  static std::vector<std::string> secret_hints(Value const& client) {
    std::vector<std::string> hints;
    auto const* object = client.if_object();
    auto const* secrets = object != nullptr ? find(*object, "clientSecrets") : nullptr;
    if (secrets == nullptr || !secrets->is_array()) return hints;
    for (auto const& secret : secrets->get_array()) {
      if (secret.is_object()) hints.push_back(text_at(secret.get_object(), "hint"));
    }
    return hints;
  }

  Task<void> remove_secret(Session& session, RemoteId id, std::string hint) const {
    auto path = path_of(id) + "/client-secrets/" + encode_segment(hint);
    co_return co_await tenantry::remove(session, std::move(path));
  }

  static std::optional<DeliverableSecret> secret_from(Object const& answer, RemoteId const& id,
                                                      Operation const& operation) {
    Secret secret(text_at(answer, "clientSecret"));
    if (secret.empty()) return std::nullopt;
    return DeliverableSecret{id.text(), std::move(secret), operation.session.host()};
  }

  /// `replace` for a value, `remove` for null: both are documented for every path.
  Task<Reply> send_patch(Session& session, RemoteId id, Object changes) const {
    Array operations;
    for (auto const& change : changes) {
      Object operation{{"op", change.value().is_null() ? "remove" : "replace"},
                       {"path", '/' + std::string(change.key())}};
      if (!change.value().is_null()) operation["value"] = change.value();
      operations.emplace_back(std::move(operation));
    }
    Call call{.verb = Verb::patch, .path = path_of(id), .body = Value(std::move(operations))};
    // A new secret comes with the answer: one that was lost must not be asked for twice unseen.
    call.repeatable = !changes.contains("allowedAuthMethods");
    co_return co_await session.call(std::move(call));
  }

  static std::optional<Error> refuse_lock_out(Session const& session, RemoteId const& id,
                                              Object const& changed) {
    if (!session.signs_in_as(id.text())) return std::nullopt;
    auto const* grants = find(changed, "allowedGrantTypes");
    if (grants != nullptr && !contains(grants, "client_credentials")) {
      return locks_out("without the grant type client_credentials it could not sign in again");
    }
    auto const* methods = find(changed, "allowedAuthMethods");
    if (methods != nullptr && !contains(methods, kSecretMethod)) {
      return locks_out("without the method client_secret it could not sign in again");
    }
    return std::nullopt;
  }
};

}  // namespace

ResourceType const& oauth_client_type() {
  static OAuthClientType const type;
  return type;
}

}  // namespace tenantry::qlik
