#include "emulator/client_authentication.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/client_assertion.hpp"
#include "engine/core/digest.hpp"

namespace tenantry::emulator {
namespace {

std::vector<std::string> texts(Object const& data, std::string_view name) {
  std::vector<std::string> out;
  auto const* const list = find(data, name);
  if (list == nullptr) return out;
  for (auto const& text : list->as_array()) out.emplace_back(text.as_string());
  return out;
}

bool takes(Object const& client, std::string_view method) {
  auto const methods = texts(client, "allowedAuthMethods");
  return std::ranges::find(methods, method) != methods.end();
}

bool secret_fits(Object const& client, std::string_view secret) {
  auto const* const secrets = find(client, "_secrets");
  if (secrets == nullptr || !takes(client, "client_secret")) return false;
  auto const digest = sha256_hex(secret);
  return std::ranges::any_of(secrets->as_array(), [&](Value const& value) {
    return value.at("digest").as_string() == digest;
  });
}

/// Keys behind a `jwksUri` are not fetched: a client needs publicKeys here.
Result<void> check_assertion(World const& world, Tenant const& tenant, Row const& client,
                             ClientProof const& proof) {
  auto const* const keys = find(client.data, "publicKeys");
  if (keys == nullptr || !takes(client.data, "private_key_jwt")) {
    return Error(Errc::invalid, "the client does not use private_key_jwt with publicKeys");
  }
  AssertionCheck check{client.id, {proof.endpoint}, world.now()};
  for (auto const& host : tenant.data().at("hostnames").as_array()) {
    check.audiences.push_back(
        fmt::format("https://{}/oauth/token", std::string_view(host.as_string())));
  }
  return verify_assertion(proof.assertion, keys->as_array(), check);
}

}  // namespace

Result<TenantClient> authenticate_client(World& world, Tenant& tenant, std::string_view id,
                                         ClientProof const& proof) {
  Error const wrong(Errc::invalid, "unknown client or wrong secret");
  auto const* row = tenant.table("oauthClients").find(id);
  auto const is_own = row != nullptr;
  if (!is_own) {
    auto* const owner = world.owner_of_published(tenant.region, id);
    if (owner == nullptr) return wrong;
    row = owner->table("oauthClients").find(id);
  }
  if (proof.assertion.empty()) {
    if (!secret_fits(row->data, proof.secret)) return wrong;
  } else if (auto checked = check_assertion(world, tenant, *row, proof); !checked) {
    return checked.error();
  }
  auto const* const connection = tenant.table("oauthConnections").find(id);
  auto const consent = is_own
                           ? text_at(row->data.at("connectionConfig").as_object(), "consentMethod")
                       : connection == nullptr ? std::string("required")
                                               : text_at(connection->data, "consentMethod");
  TenantClient client{row->id, text_at(row->data, "clientName"), texts(row->data, "allowedScopes"),
                      texts(row->data, "allowedGrantTypes"), consent == "trusted"};
  if (client.scopes.empty()) client.scopes.emplace_back("user_default");
  return client;
}

}  // namespace tenantry::emulator
