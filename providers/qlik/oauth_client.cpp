// oauthClients: /api/v1/oauth-clients. TenantAdmin only. The secret is shown once.
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"
#include "providers/qlik/oauth_client_schema.hpp"

namespace tenantry::qlik {
namespace {

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
constexpr std::size_t kHintLength = 5;  // characters at the end of a secret

Error lock_out(std::string_view what) {
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

  bool has_detail() const override { return true; }

  /// The list of an administrator tells how this tenant treats each client; where it does not, and
  /// after a read, which never does, that is a call.
  Task<RemoteObject> detail(Session& session, RemoteObject listed) const override {
    if (!consent_of(listed.attributes).empty()) co_return listed;
    auto config = co_await get(session, path_of_consent(listed.id));
    if (!config && config.error().code == Errc::not_found) co_return listed;  // not connected
    if (!config) co_return config.error();
    auto const* body = config->if_object();
    auto const method = body != nullptr ? text_at(*body, "consentMethod") : std::string();
    if (!method.empty()) listed.attributes["connectionConfig"] = Object{{"consentMethod", method}};
    co_return listed;
  }

  Task<RemoteObject> read(Session& session, RemoteId id) const override {
    auto client = co_await CollectionType::read(session, id);
    if (!client) co_return client.error();
    co_return co_await detail(session, std::move(*client));
  }

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

  std::optional<Error> locks_out(Session const& session, RemoteId const& id,
                                 Object const* changed) const override {
    if (!session.signs_in_as(id.text())) return std::nullopt;
    if (changed == nullptr) return lock_out("deleting it would lock it out");
    auto const* grants = find(*changed, "allowedGrantTypes");
    if (grants != nullptr && !contains(grants, kCredentialsGrant)) {
      return lock_out("without the grant type client_credentials it could not sign in again");
    }
    auto const* methods = find(*changed, "allowedAuthMethods");
    if (methods != nullptr && !contains(methods, kSecretMethod)) {
      return lock_out("without the method client_secret it could not sign in again");
    }
    return std::nullopt;
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    if (auto refusal = locks_out(operation.session, id, &changed)) co_return *refusal;
    // Consent first: the secret that the patch may give out is then the last thing to happen.
    auto const consent = consent_of(changed);
    if (!consent.empty()) {
      Object const change{{"consentMethod", consent}};
      auto reply = co_await patch_replace(operation.session, path_of_consent(id), change);
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

  /// POST client-secrets; then all others go, since at most five may exist and nobody has them.
  Task<DeliverableSecret> renew_secret(Operation operation, RemoteId id) const override {
    auto client = co_await get(operation.session, path_of(id));
    if (!client) co_return client.error();
    auto const secrets = secrets_of(*client);
    if (secrets.size() >= kSecretsMax) {
      auto removed = co_await delete_secret(operation.session, id, secrets.front().hint);
      if (!removed) co_return removed.error();
    }
    auto secret = co_await new_secret(operation, id, true);
    if (!secret) co_return secret.error();
    // Listed anew: a lost answer has made the request go out twice, and left one more secret.
    auto listed = co_await list_secrets(operation.session, id);
    if (!listed) co_return listed.error();
    // Where the list does not show the new one as it is known here, it must not be taken for old.
    bool const shown = std::ranges::any_of(
        listed->secrets, [&](auto const& one) { return one.hint == secret->hint; });
    for (auto const& old : shown ? listed->secrets : secrets) {
      if (old.hint == secret->hint) continue;
      auto removed = co_await delete_secret(operation.session, id, old.hint);
      if (!removed) co_return removed.error();
    }
    co_return secret;
  }

  Task<SecretList> list_secrets(Session& session, RemoteId id) const override {
    Call call{.path = path_of(id)};
    auto reply = co_await session.call(std::move(call));
    if (!reply) co_return reply.error();
    co_return SecretList{secrets_of(reply->body), reply->server_time};
  }

  Task<DeliverableSecret> add_secret(Operation operation, RemoteId id) const override {
    auto secret = co_await new_secret(operation, id, false);
    if (!secret && secret.error().code == Errc::conflict) {
      auto error = secret.error();
      error.message = fmt::format(
          "the OAuth client has {} secrets, as many as Qlik Cloud allows at a time", kSecretsMax);
      error.hint = "delete one that nobody uses any more, in the administration of the tenant";
      co_return error;
    }
    co_return secret;
  }

  Task<void> remove_secret(Operation operation, RemoteId id, std::string hint) const override {
    if (operation.session.signs_in_as(id.text())) {
      co_return lock_out("without the secret it could perhaps not sign in again");
    }
    co_return co_await delete_secret(operation.session, std::move(id), std::move(hint));
  }

  Task<void> remove(Operation operation, RemoteId id) const override {
    if (auto refusal = locks_out(operation.session, id, nullptr)) co_return *refusal;
    std::vector<std::pair<std::string, std::string>> headers;
    headers.emplace_back("qlik-confirm-delete", id.text());
    co_return co_await tenantry::remove(operation.session, path_of(id), std::move(headers));
  }

 private:
  static std::vector<SecretMark> secrets_of(Value const& client) {
    std::vector<SecretMark> out;
    auto const* object = client.if_object();
    auto const* secrets = object != nullptr ? find(*object, "clientSecrets") : nullptr;
    if (secrets == nullptr || !secrets->is_array()) return out;
    for (auto const& secret : secrets->get_array()) {
      auto const* mark = secret.if_object();
      if (mark != nullptr) out.push_back({text_at(*mark, "hint"), text_at(*mark, "createdAt")});
    }
    return out;
  }

  std::string path_of_consent(RemoteId const& id) const {
    return path_of(id) + "/connection-configs/me";
  }

  Task<DeliverableSecret> new_secret(Operation operation, RemoteId id, bool repeatable) const {
    Call call{.verb = Verb::post, .path = path_of(id) + "/client-secrets"};
    call.repeatable = repeatable;
    auto reply = co_await operation.session.call(std::move(call));
    if (!reply) co_return reply.error();
    auto const* answer = reply->body.if_object();
    auto secret = answer != nullptr ? secret_from(*answer, id, operation) : std::nullopt;
    if (!secret) {
      co_return Error(Errc::lost_reply, "the answer to a request for a new client secret has none");
    }
    co_return std::move(*secret);
  }

  Task<void> delete_secret(Session& session, RemoteId id, std::string hint) const {
    auto path = path_of(id) + "/client-secrets/" + encode_segment(hint);
    co_return co_await tenantry::remove(session, std::move(path));
  }

  static std::optional<DeliverableSecret> secret_from(Object const& answer, RemoteId const& id,
                                                      Operation const& operation) {
    Secret secret(text_at(answer, "clientSecret"));
    if (secret.empty()) return std::nullopt;
    // Named differently by a create and by a new secret, and not told by a patch.
    auto hint = text_at(answer, "hint");
    if (hint.empty()) hint = text_at(answer, "clientSecretHint");
    if (hint.empty()) {
      auto const text = secret.reveal();
      hint = text.substr(text.size() - std::min(kHintLength, text.size()));
    }
    // In the answer to a create this is the client's own birth, and so its secret's.
    return DeliverableSecret{id.text(), std::move(secret), operation.session.host(),
                             std::move(hint), text_at(answer, "createdAt")};
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
};

}  // namespace

ResourceType const& oauth_client_type() {
  static OAuthClientType const type;
  return type;
}

}  // namespace tenantry::qlik
