// /api/v1/oauth-clients: clients of the tenant, their secrets, publication and consent.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"
#include "engine/core/digest.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kSecretsMax = 5;
constexpr std::size_t kHintLength = 5;

constexpr Filterable kFilterable[] = {{"clientId", "eq ne co"},
                                      {"clientName", "eq ne co"},
                                      {"appType", "eq ne"},
                                      {"tenantId", "eq ne"},
                                      {"createdByType", "eq ne"}};
constexpr std::string_view kSortable[] = {"clientId", "clientName", "appType",
                                          "tenantId", "createdAt",  "updatedAt"};
ListSpec const kList{
    .filterable = kFilterable, .sortable = kSortable, .sort_default = "createdAt", .counts = true};

Property const kScopes{.name = "allowedScopes", .type = Type::texts, .length_max = 256};
Property const kUris{
    .name = "redirectUris", .type = Type::texts, .length_max = 256, .items_max = 5};
Property const kOrigins{
    .name = "allowedOrigins", .type = Type::texts, .length_max = 256, .items_max = 5};
Property const kGrants{.name = "allowedGrantTypes",
                       .type = Type::texts,
                       .values = {"client_credentials", "urn:qlik:oauth:user-impersonation"}};
Property const kMethods{.name = "allowedAuthMethods",
                        .type = Type::texts,
                        .values = {"client_secret", "private_key_jwt"}};
Property const kClientName{
    .name = "clientName", .use = Use::required, .length_min = 1, .length_max = 512};
Property const kDescription{.name = "description", .length_max = 4096};
Property const kLogo{.name = "logoUri", .length_max = 2048};
Property const kUri{.name = "clientUri", .length_max = 2048};
Property const kKeys{.name = "publicKeys", .type = Type::objects};
Property const kJwks{.name = "jwksUri", .length_max = 2048};

/// `tenantId` can be filtered and sorted by, but is in no answer of this API.
Object render(ListItem const& item) {
  auto out = public_part(*item.data);
  out["clientId"] = item.id;
  return out;
}

Object render(Row const& row) { return render(ListItem{row.id, &row.data}); }

Problem no_such_client() { return missing("there is no such OAuth client"); }

Row const* find_client(Call const& call) { return call.table("oauthClients").find(call.id()); }

Refusal check_keys(Value const& keys, std::string const& pointer) {
  static Property const kJwk[] = {
      {.name = "kty", .use = Use::required, .values = {"RSA", "EC"}},
      {.name = "use", .use = Use::required, .values = {"sig"}},
      {.name = "alg", .use = Use::required, .values = {"RS256", "RS512", "ES384"}},
      {.name = "kid", .use = Use::required},
      {.name = "e"},
      {.name = "n"},
      {.name = "x"},
      {.name = "y"},
      {.name = "crv"}};
  for (auto const& key : keys.as_array()) {
    if (auto refusal = check_object(key, kJwk, pointer)) return refusal;
  }
  return std::nullopt;
}

bool has_text(Object const& data, std::string_view list, std::string_view text) {
  auto const* const member = find(data, list);
  return member != nullptr && member->is_array() &&
         std::ranges::find(member->get_array(), Value(text)) != member->get_array().end();
}

/// What must fit together, at creation and after each change.
Refusal check_client(Object const& data) {
  auto const type = text_at(data, "appType");
  auto const is_filled = [&](std::string_view name) {
    auto const* const list = find(data, name);
    return list != nullptr && !list->as_array().empty();
  };
  if (is_filled("allowedGrantTypes") && type != "web") {
    return invalid("/allowedGrantTypes", "only clients of appType web have grant types");
  }
  if (is_filled("allowedOrigins") && type != "spa" && type != "anonymous-embed") {
    return invalid("/allowedOrigins", "only clients of appType spa have origins");
  }
  if (auto const* const keys = find(data, "publicKeys")) {
    if (auto refusal = check_keys(*keys, "/publicKeys")) return refusal;
  }
  if (has_text(data, "allowedAuthMethods", "private_key_jwt") && !is_filled("publicKeys") &&
      text_at(data, "jwksUri").empty()) {
    return invalid("/publicKeys", "private_key_jwt needs a public key");
  }
  return std::nullopt;
}

struct NewSecret {
  std::string text;
  std::string hint;
};

/// Adds a secret to a client. It is kept as a digest; its last characters name it.
NewSecret add_secret(Call const& call, Object& data) {
  auto& hints = data["clientSecrets"];
  auto& digests = data["_secrets"];
  if (!hints.is_array()) hints = Array();
  if (!digests.is_array()) digests = Array();
  NewSecret secret;
  do {
    secret.text = call.world.hex_id(64);
    secret.hint = secret.text.substr(secret.text.size() - kHintLength);
  } while (std::ranges::any_of(hints.get_array(), [&](Value const& value) {
    return value.at("hint").as_string() == secret.hint;
  }));
  hints.get_array().push_back({{"hint", secret.hint},
                               {"createdAt", call.world.stamp()},
                               {"createdBy", call.token->user_id}});
  digests.get_array().push_back({{"hint", secret.hint}, {"digest", sha256_hex(secret.text)}});
  return secret;
}

Answer list(Call& call) {
  return list_page(call, kList, items_of(call.table("oauthClients")),
                   [](ListItem const& item) { return render(item); });
}

Answer get(Call& call) {
  auto const* const row = find_client(call);
  if (row == nullptr) return no_such_client();
  return json_reply(200, render(*row));
}

Refusal check_creation(Value const& body) {
  static Property const kProperties[] = {{.name = "appType",
                                          .use = Use::required,
                                          .values = {"web", "native", "spa", "anonymous-embed"}},
                                         kClientName,
                                         kDescription,
                                         kLogo,
                                         kUri,
                                         kUris,
                                         kScopes,
                                         kOrigins,
                                         kGrants,
                                         kMethods,
                                         kKeys,
                                         kJwks,
                                         {.name = "connectionConfig", .type = Type::object}};
  if (auto refusal = check_object(body, kProperties)) return refusal;
  if (auto const* const config = find(body.get_object(), "connectionConfig")) {
    static Property const kConfig[] = {{.name = "consentMethod", .values = {"trusted"}}};
    if (auto refusal = check_object(*config, kConfig, "/connectionConfig")) return refusal;
  }
  return check_client(body.get_object());
}

Answer create(Call& call) {
  if (auto refusal = check_creation(call.body)) return *refusal;
  auto data = call.body.get_object();
  auto const time = call.world.stamp();
  auto const* const config = find(data, "connectionConfig");
  auto const consent = config == nullptr ? "" : text_at(config->get_object(), "consentMethod");
  data["connectionConfig"] = {{"consentMethod", consent.empty() ? "required" : consent}};
  if (!data.contains("allowedAuthMethods")) data["allowedAuthMethods"] = Array{"client_secret"};
  data["createdAt"] = time;
  data["updatedAt"] = time;
  data["createdByType"] = "service";
  data["ownerId"] = call.token->user_id;
  data["clientSecrets"] = Array();
  data["_tenantId"] = call.tenant->id;
  NewSecret secret;
  if (has_text(data, "allowedAuthMethods", "client_secret")) secret = add_secret(call, data);
  auto& table = call.table("oauthClients");
  auto id = call.world.hex_id(32);
  while (table.find(id) != nullptr) id = call.world.hex_id(32);
  auto body = render(table.insert(std::move(id), std::move(data)));
  // The contract requires it of public clients too, and of those that have none it is empty.
  body["clientSecret"] = secret.text;
  if (!secret.hint.empty()) body["clientSecretHint"] = secret.hint;
  return json_reply(201, body);
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {{"/clientName", "replace", kClientName},
                                     {"/clientUri", "add remove replace", kUri},
                                     {"/description", "add remove replace", kDescription},
                                     {"/logoUri", "add remove replace", kLogo},
                                     {"/redirectUris", "add remove replace", kUris},
                                     {"/allowedOrigins", "add remove replace", kOrigins},
                                     {"/allowedScopes", "add remove replace", kScopes},
                                     {"/allowedGrantTypes", "add remove replace", kGrants},
                                     {"/allowedAuthMethods", "add remove replace", kMethods},
                                     {"/publicKeys", "add remove replace", kKeys},
                                     {"/jwksUri", "add remove replace", kJwks}};
  auto const* const row = find_client(call);
  if (row == nullptr) return no_such_client();
  auto draft = row->data;
  auto refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    auto const name = op.path.substr(1);
    if (op.op == "remove") {
      if (!draft.contains(name)) return invalid(op.pointer, "there is nothing to remove");
      draft.stable_erase(draft.find(name));
    } else {
      draft[name] = op.value;
    }
    return std::nullopt;
  });
  if (!draft.contains("allowedAuthMethods")) draft["allowedAuthMethods"] = Array{"client_secret"};
  if (!refusal) refusal = check_client(draft);
  if (refusal) return *refusal;
  draft["updatedAt"] = call.world.stamp();
  auto const gains_secret = has_text(draft, "allowedAuthMethods", "client_secret") &&
                            !has_text(row->data, "allowedAuthMethods", "client_secret");
  NewSecret secret;
  if (gains_secret && draft["clientSecrets"].as_array().size() < kSecretsMax) {
    secret = add_secret(call, draft);
  }
  call.table("oauthClients").update(call.id(), std::move(draft));
  if (secret.text.empty()) return empty_reply(204);
  return json_reply(202, {{"clientSecret", secret.text}});
}

Answer remove(Call& call) {
  if (find_client(call) == nullptr) return no_such_client();
  if (call.request.header("qlik-confirm-delete") != call.id()) {
    return bad_parameter("qlik-confirm-delete", "the header must be the client's id");
  }
  call.world.unpublish(call.tenant->region, call.id());
  call.table("oauthClients").erase(call.id());
  return empty_reply(204);
}

Answer create_secret(Call& call) {
  auto const* const row = find_client(call);
  if (row == nullptr) return no_such_client();
  if (row->data.at("clientSecrets").as_array().size() >= kSecretsMax) {
    return conflict("", fmt::format("the client has {} secrets already", kSecretsMax));
  }
  auto draft = row->data;
  auto const secret = add_secret(call, draft);
  auto const entry = draft["clientSecrets"].as_array().back();
  call.table("oauthClients").update(call.id(), std::move(draft));
  return json_reply(201, {{"clientId", call.id()},
                          {"clientSecret", secret.text},
                          {"hint", secret.hint},
                          {"createdAt", entry.at("createdAt")},
                          {"createdBy", entry.at("createdBy")}});
}

Answer remove_secret(Call& call) {
  auto const* const row = find_client(call);
  if (row == nullptr) return no_such_client();
  auto draft = row->data;
  std::size_t removed = 0;
  for (auto const* const name : {"clientSecrets", "_secrets"}) {
    auto* const list = draft[name].if_array();
    if (list == nullptr) continue;
    auto const at = std::ranges::find_if(*list, [&](Value const& value) {
      return value.at("hint").as_string() == std::string_view(call.args[1]);
    });
    if (at == list->end()) continue;
    list->erase(at);
    ++removed;
  }
  if (removed == 0) return missing("the client has no such secret");
  call.table("oauthClients").update(call.id(), std::move(draft));
  return empty_reply(204);
}

Answer publish(Call& call) {
  auto const* const row = find_client(call);
  if (row == nullptr) return no_such_client();
  auto draft = row->data;
  if (!draft.contains("publishedAt")) draft["publishedAt"] = call.world.stamp();
  auto const at = draft["publishedAt"];
  call.table("oauthClients").update(call.id(), std::move(draft));
  call.world.publish(call.tenant->region, call.id(), *call.tenant);
  return json_reply(201, {{"publishedAt", at}});
}

/// Consent of a tenant to a client: the client's own, or a row of its own for a published one.
std::optional<Object> consent_of(Call const& call) {
  if (auto const* const row = find_client(call)) {
    return row->data.at("connectionConfig").as_object();
  }
  if (call.world.owner_of_published(call.tenant->region, call.id()) == nullptr) return std::nullopt;
  auto const* const row = call.table("oauthConnections").find(call.id());
  if (row == nullptr) return Object{{"consentMethod", "required"}};
  return row->data;
}

void set_consent(Call const& call, Object config) {
  if (auto const* const row = find_client(call)) {
    auto data = row->data;
    data["connectionConfig"] = std::move(config);
    call.table("oauthClients").update(call.id(), std::move(data));
    return;
  }
  auto& table = call.table("oauthConnections");
  if (table.find(call.id()) == nullptr) {
    table.insert(call.id(), std::move(config));
  } else {
    table.update(call.id(), std::move(config));
  }
}

Answer get_consent(Call& call) {
  auto const config = consent_of(call);
  if (!config) return no_such_client();
  return json_reply(200, *config);
}

Answer patch_consent(Call& call) {
  static PatchPath const kPaths[] = {
      {"/consentMethod", "replace", {.values = {"required", "trusted"}}}};
  auto config = consent_of(call);
  if (!config) return no_such_client();
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    (*config)["consentMethod"] = op.value;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  set_consent(call, std::move(*config));
  return empty_reply(204);
}

Answer remove_consent(Call& call) {
  if (!consent_of(call)) return no_such_client();
  if (find_client(call) != nullptr) return invalid("", "the client belongs to this tenant");
  call.table("oauthConnections").erase(call.id());
  return empty_reply(204);
}

}  // namespace

Kind oauth_clients_kind() {
  constexpr std::string_view kAll = "/api/v1/oauth-clients", kOne = "/api/v1/oauth-clients/{id}",
                             kSecrets = "/api/v1/oauth-clients/{id}/client-secrets",
                             kSecret = "/api/v1/oauth-clients/{id}/client-secrets/{hint}",
                             kPublish = "/api/v1/oauth-clients/{id}/actions/publish",
                             kConsent = "/api/v1/oauth-clients/{id}/connection-configs/me";
  constexpr auto kAdmin = Access::admin;
  return {.errors = {.status = StatusForm::none, .trace_id = false, .source = false},
          .tables = {{"oauthClients"}, {"oauthConnections"}},
          .routes = {{"GET", kAll, list, kTier1, kAdmin},
                     {"POST", kAll, create, kTier2, kAdmin, BodyKind::json},
                     {"GET", kOne, get, kTier1, kAdmin},
                     {"PATCH", kOne, patch, kTier2, kAdmin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, kAdmin},
                     {"POST", kSecrets, create_secret, kTier2, kAdmin},
                     {"DELETE", kSecret, remove_secret, kTier2, kAdmin},
                     {"POST", kPublish, publish, kTier2, kAdmin},
                     {"GET", kConsent, get_consent, kTier1, kAdmin},
                     {"PATCH", kConsent, patch_consent, kTier2, kAdmin, BodyKind::json},
                     {"DELETE", kConsent, remove_consent, kTier2, kAdmin}}};
}

}  // namespace tenantry::emulator
