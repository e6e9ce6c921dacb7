#include "providers/qlik/oauth_client_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::qlik {
namespace {

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

std::vector<Attribute> sink_fields() {
  return {
      {.name = "file",
       .doc = "Path of a JSON file with clientId, clientSecret and host, relative to the "
              "configuration; mode 0600. In a git work tree it must be ignored.",
       .length_min = 1},
      {.name = "command",
       .kind = Kind::list,
       .doc = "Program and arguments. It runs without a shell and is given address, clientId, "
              "clientSecret and host as JSON on its standard input.",
       .items_max = 100},
      {.name = "vault",
       .kind = Kind::object,
       .use = Use::meta,  // so that the sensitive token may be in it
       .doc = "A path of a HashiCorp Vault key-value engine, version 2.",
       .fields = {{.name = "address",
                   .use = Use::required,
                   .doc = "Like `https://vault.example:8200`; http only for this machine."},
                  {.name = "mount", .doc = "Where the engine is.", .server_default = "secret"},
                  {.name = "path", .use = Use::required, .doc = "Like `tenants/acme/portal`."},
                  {.name = "token",
                   .use = Use::required,
                   .doc = "A sensitive variable that holds Vault's token.",
                   .sensitive = true},
                  {.name = "namespace", .doc = "Vault's namespace."},
                  {.name = "caFile",
                   .doc = "Certificates to trust besides the system's, relative to the "
                          "configuration."}}},
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
       .one_of = {std::string(kCredentialsGrant), std::string(kImpersonationGrant)}},
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
       .doc = "Where the secret goes that Qlik Cloud shows once: one of `file`, `command` and "
              "`vault`.",
       .fields = sink_fields()},
      {.name = "rotateSecretAfterDays",
       .kind = Kind::integer,
       .use = Use::meta,
       .doc =
           "A plan replaces a secret that is as old as this by a new one, and delivers it. Of an "
           "adopted client the days count from its adoption.",
       .minimum = 1},
      {.name = "retireOldSecretAfterDays",
       .kind = Kind::integer,
       .use = Use::meta,
       .doc = "How long a replaced secret stays valid beside the new one; not written: it goes as "
              "soon as the new one is delivered.",
       .minimum = 1},
  };
}

bool is_web(Object const& client) { return text_at(client, "appType") == "web"; }

/// A client that asks for tokens by itself gets none in a tenant that does not trust it (the guides
/// of machine-to-machine and impersonation clients). An existing client may be trusted without the
/// configuration saying so, hence a warning.
void check_consent(Object const& written, ReportProblem const& report) {
  auto const* config = find(written, "connectionConfig");
  if (config != nullptr && is_deferred(*config)) return;
  auto const consent = consent_of(written);
  auto const* grants = find(written, "allowedGrantTypes");
  bool const impersonates = contains(grants, kImpersonationGrant);
  bool const credentials = contains(grants, kCredentialsGrant);
  bool const unlikely = consent.empty() ? impersonates : consent == "required";
  if (!unlikely || (!impersonates && !credentials)) return;
  report({consent.empty() ? "/allowedGrantTypes" : "/connectionConfig/consentMethod",
          "client that is not trusted",
          fmt::format("Qlik Cloud gives tokens for {} to clients that the tenant trusts.",
                      impersonates ? kImpersonationGrant : kCredentialsGrant),
          "write `connectionConfig: {consentMethod: trusted}`", true});
}

/// A secret has one place to go to, and the token of that place is no text in the YAML.
void check_sink(Object const& written, ReportProblem const& report) {
  auto const* value = find(written, "deliverSecret");
  auto const* sink = value != nullptr && !is_deferred(*value) ? value->if_object() : nullptr;
  if (sink == nullptr) return;
  if (sink->size() != 1) {
    report({"/deliverSecret", "not one sink",
            fmt::format("\"deliverSecret\" names {} places for one secret.", sink->size()),
            "write one of file, command and vault"});
    return;
  }
  auto const* command = find(*sink, "command");
  if (command != nullptr && command->is_array() && command->get_array().empty()) {
    report({"/deliverSecret/command", "no program", "A command has at least the program.", {}});
  }
  auto const* vault = find(*sink, "vault");
  if (vault == nullptr || !vault->is_object()) return;
  auto const* token = find(vault->get_object(), "token");
  if (token != nullptr && token->is_string()) {
    report({"/deliverSecret/vault/token", "secret in the configuration",
            "\"token\" would be kept in state and plans in clear.",
            "write a sensitive variable: token: ${var.vaultToken}"});
  }
}

/// Only what has a secret and a place for it can be rotated.
void check_rotation(Object const& written, ReportProblem const& report) {
  for (std::string const name : {"rotateSecretAfterDays", "retireOldSecretAfterDays"}) {
    if (!written.contains(name)) continue;
    if (!has_secret(written)) {
      report({'/' + name, "attribute does not fit the client",
              fmt::format("\"{}\" is for clients with a secret: web clients that use "
                          "client_secret.",
                          name),
              "remove it"});
    } else if (!written.contains("deliverSecret")) {
      report({'/' + name, "nobody would receive the secret",
              fmt::format("\"{}\" needs a place for the new secret.", name),
              "say where it goes: `deliverSecret`"});
    }
  }
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
  check_consent(written, report);
  check_sink(written, report);
  check_rotation(written, report);
}

}  // namespace

bool contains(Value const* list, std::string_view text) {
  if (list == nullptr || !list->is_array()) return false;
  return std::ranges::any_of(list->get_array(), [&](Value const& element) {
    return element.is_string() && std::string_view(element.get_string()) == text;
  });
}

bool has_secret(Object const& client) {
  auto const* methods = find(client, "allowedAuthMethods");
  bool const none_written =
      methods == nullptr || !methods->is_array() || methods->get_array().empty();
  return is_web(client) && (none_written || contains(methods, kSecretMethod));
}

std::string consent_of(Object const& client) {
  auto const* config = find(client, "connectionConfig");
  if (config == nullptr || !config->is_object()) return {};
  return text_at(config->get_object(), "consentMethod");
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

}  // namespace tenantry::qlik
