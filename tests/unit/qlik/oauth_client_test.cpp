#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& client() { return qlik::oauth_client_type(); }

constexpr auto kPlannedM2m =
    R"({"clientName": "Portal", "appType": "web", "allowedGrantTypes": ["client_credentials"]})";

}  // namespace

TEST_SUITE("qlik OAuth clients") {
  TEST_CASE("list: admin items by client id, secrets and server's own members left out") {
    KindFixture f;
    f.session.on("GET /api/v1/oauth-clients?limit=100", 200,
                 R"({"data": [{"clientId": "c1", "clientName": "Portal", "appType": "web",
                     "clientSecrets": [{"hint": "abcde"}], "createdAt": "2026-01-01T00:00:00Z",
                     "updatedAt": "2026-01-02T00:00:00Z", "ownerId": "u", "description": null,
                     "connectionConfig": {"consentMethod": "trusted"}}], "links": {}})");
    auto const clients = run(client().list(f.session));
    REQUIRE(clients.has_value());
    REQUIRE(clients->size() == 1);
    auto const& portal = (*clients)[0];
    CHECK(portal.id == RemoteId("c1"));
    CHECK(portal.updated_at == "2026-01-02T00:00:00Z");
    CHECK(canonical(portal.attributes) == R"({"appType":"web","clientName":"Portal",)"
                                          R"("connectionConfig":{"consentMethod":"trusted"}})");
  }

  TEST_CASE("create: the secret of a web client comes out with its host, not among attributes") {
    KindFixture f;
    f.session.on("POST /api/v1/oauth-clients", 201,
                 R"({"clientId": "c1", "clientSecret": "s3cret", "clientName": "Portal",
                     "appType": "web"})");
    auto planned = object(kPlannedM2m);
    planned["deliverSecret"] = object(R"({"file": "secrets/portal.json"})");
    CHECK(client().creates_secret(planned));
    auto const created = run(client().create(f.operation(), planned));
    REQUIRE(created.has_value());
    REQUIRE(created->secret.has_value());
    CHECK(created->secret->client_id == "c1");
    CHECK(created->secret->client_secret.reveal() == "s3cret");
    CHECK(created->secret->host == "acme.eu.qlikcloud.com");
    CHECK(canonical(created->object.attributes).find("s3cret") == std::string::npos);
    CHECK(f.session.body(0).find("deliverSecret") == std::string::npos);
    CHECK_FALSE(f.session.calls[0].repeatable);
  }

  TEST_CASE("create: the secret of a public or key-signed client is thrown away") {
    for (auto const* planned :
         {R"({"clientName": "Spa", "appType": "spa"})",
          R"({"clientName": "Jwt", "appType": "web", "allowedAuthMethods": ["private_key_jwt"],
              "jwksUri": "https://a.example/jwks"})"}) {
      KindFixture f;
      f.session.on("POST /api/v1/oauth-clients", 201, R"({"clientId": "c1", "clientSecret": "x"})");
      CHECK_FALSE(client().creates_secret(object(planned)));
      CHECK_FALSE(client().refuse_create(object(planned), {}).has_value());
      auto const created = run(client().create(f.operation(), object(planned)));
      REQUIRE(created.has_value());
      CHECK_FALSE(created->secret.has_value());
    }
  }

  TEST_CASE("create: only the consent method trusted can be sent") {
    KindFixture f;
    f.session.on("POST /api/v1/oauth-clients", 201, R"({"clientId": "c1"})")
        .on("POST /api/v1/oauth-clients", 201, R"({"clientId": "c2"})");
    auto planned = object(R"({"clientName": "A", "appType": "spa"})");
    planned["connectionConfig"] = object(R"({"consentMethod": "trusted"})");
    REQUIRE(run(client().create(f.operation(), planned)).has_value());
    planned["connectionConfig"] = object(R"({"consentMethod": "required"})");
    REQUIRE(run(client().create(f.operation(), planned)).has_value());
    CHECK(f.session.body(0) ==
          R"({"appType":"spa","clientName":"A","connectionConfig":{"consentMethod":"trusted"}})");
    CHECK(f.session.body(1) == R"({"appType":"spa","clientName":"A"})");
  }

  TEST_CASE("refuse_create: a secret that nobody receives is refused with the YAML to add") {
    auto planned = object(kPlannedM2m);
    planned["clientName"] = "Report Portal!";
    auto const refusal = client().refuse_create(planned, {});
    REQUIRE(refusal.has_value());
    CHECK(refusal->hint.find("deliverSecret: {file: \"secrets/report-portal.json\"}") !=
          std::string::npos);
    auto const meta = object(R"({"deliverSecret": {"file": "x.json"}})");
    CHECK_FALSE(client().refuse_create(planned, meta).has_value());
  }

  TEST_CASE("refuse_update: a method that gives out a secret needs a receiver as well") {
    auto const live = object(
        R"({"clientName": "Jwt", "appType": "web", "allowedAuthMethods": ["private_key_jwt"]})");
    auto const planned = object(R"({"allowedAuthMethods": ["private_key_jwt", "client_secret"]})");
    CHECK(client().refuse_update(live, planned, {}).has_value());
    auto const meta = object(R"({"deliverSecret": {"file": "x.json"}})");
    CHECK_FALSE(client().refuse_update(live, planned, meta).has_value());
    CHECK_FALSE(client().refuse_update(object(kPlannedM2m), planned, {}).has_value());
    CHECK_FALSE(client().refuse_update(live, object(R"({"description": "x"})"), {}).has_value());
  }

  TEST_CASE("update: consent goes to its own path, the rest is patched") {
    KindFixture f;
    f.session.on("PATCH /api/v1/oauth-clients/c1/connection-configs/me", 204)
        .on("PATCH /api/v1/oauth-clients/c1", 204);
    auto changed = object(R"({"description": "new", "redirectUris": ["https://a.example/cb"]})");
    changed["connectionConfig"] = object(R"({"consentMethod": "required"})");
    auto planned = changed;
    planned["appType"] = "spa";
    auto const updated = run(client().update(f.operation(), RemoteId("c1"), planned, changed));
    REQUIRE(updated.has_value());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/consentMethod","value":"required"}])");
    CHECK(f.session.body(1) ==
          R"([{"op":"replace","path":"/description","value":"new"},)"
          R"({"op":"replace","path":"/redirectUris","value":["https://a.example/cb"]}])");
    CHECK(f.session.calls[1].repeatable);
  }

  TEST_CASE("renew_secret: a new one that the list shows otherwise is not removed") {
    KindFixture f;
    f.session
        .on("GET /api/v1/oauth-clients/c1", 200,
            R"({"clientId": "c1", "clientSecrets": [{"hint": "old"}]})")
        .on("POST /api/v1/oauth-clients/c1/client-secrets", 201,
            R"({"clientSecret": "n3w-secret"})")
        .on("GET /api/v1/oauth-clients/c1", 200,
            R"({"clientId": "c1", "clientSecrets": [{"hint": "old"}, {"hint": "n3w..."}]})")
        .on("DELETE /api/v1/oauth-clients/c1/client-secrets/old", 204);
    CHECK(run(client().renew_secret(f.operation(), RemoteId("c1"))).has_value());
  }

  TEST_CASE("update: null removes") {
    KindFixture f;
    f.session.on("PATCH /api/v1/oauth-clients/c1", 204);
    auto const changed = object(R"({"logoUri": null})");
    REQUIRE(run(client().update(f.operation(), RemoteId("c1"), changed, changed)).has_value());
    CHECK(f.session.body(0) == R"([{"op":"remove","path":"/logoUri"}])");
  }

  TEST_CASE("update: a secret that the server gives out is handed on, and not asked for twice") {
    KindFixture f;
    f.session.on("PATCH /api/v1/oauth-clients/c1", 202, R"({"clientSecret": "n3w"})");
    auto const changed = object(R"({"allowedAuthMethods": ["private_key_jwt", "client_secret"]})");
    auto planned = changed;
    planned["appType"] = "web";
    auto const updated = run(client().update(f.operation(), RemoteId("c1"), planned, changed));
    REQUIRE(updated.has_value());
    REQUIRE(updated->secret.has_value());
    CHECK(updated->secret->client_id == "c1");
    CHECK(updated->secret->client_secret.reveal() == "n3w");
    CHECK_FALSE(f.session.calls[0].repeatable);
  }

  TEST_CASE("remove: confirms the id; gone already is deleted") {
    KindFixture f;
    f.session.on("DELETE /api/v1/oauth-clients/c1", 204)
        .on("DELETE /api/v1/oauth-clients/c1", Errc::not_found);
    CHECK(run(client().remove(f.operation(), RemoteId("c1"))).has_value());
    CHECK(run(client().remove(f.operation(), RemoteId("c1"))).has_value());
    CHECK(f.session.header(0, "qlik-confirm-delete") == "c1");
  }

  TEST_CASE("lock-out: the client in use is neither deleted nor crippled") {
    KindFixture f;
    f.session.own_client = "c1";
    auto const removed = run(client().remove(f.operation(), RemoteId("c1")));
    REQUIRE(removed.has_error());
    CHECK(removed.error().code == Errc::guard);
    for (auto const* changed :
         {R"({"allowedGrantTypes": []})", R"({"allowedAuthMethods": ["private_key_jwt"]})"}) {
      auto const updated =
          run(client().update(f.operation(), RemoteId("c1"), object(changed), object(changed)));
      REQUIRE(updated.has_error());
      CHECK(updated.error().code == Errc::guard);
    }
    CHECK(f.session.calls.empty());
  }

  TEST_CASE("schema: what fits which appType") {
    auto const& schema = client().schema();
    CHECK(problems(schema, kPlannedM2m).empty());
    CHECK(problems(schema, R"({"clientName": "A", "appType": "spa",
                               "allowedGrantTypes": ["client_credentials"]})") ==
          std::vector<std::string>{"/allowedGrantTypes: attribute does not fit the appType"});
    CHECK(problems(schema, R"({"clientName": "A", "appType": "web",
                               "allowedOrigins": ["https://a.example"]})") ==
          std::vector<std::string>{"/allowedOrigins: attribute does not fit the appType"});
    CHECK(problems(schema, R"({"clientName": "A", "appType": "web",
                               "allowedAuthMethods": ["private_key_jwt"]})") ==
          std::vector<std::string>{"/allowedAuthMethods: missing attribute"});
    CHECK(problems(schema, R"({"clientName": "A", "appType": "native",
                               "redirectUris": ["a", "b", "c", "d", "e", "f"]})") ==
          std::vector<std::string>{"/redirectUris: too many elements"});
    CHECK(problems(schema, R"({"clientName": "A", "appType": "web", "publicKeys": [{"kid": "k",
                               "kty": "RSA", "use": "sig"}]})") ==
          std::vector<std::string>{"/publicKeys/0: missing attribute"});
  }

  TEST_CASE("read: consent is a call of its own; a client that is not connected has none") {
    KindFixture f;
    f.session.on("GET /api/v1/oauth-clients/c1", 200, R"({"clientId": "c1", "clientName": "A"})")
        .on("GET /api/v1/oauth-clients/c1/connection-configs/me", 200,
            R"({"consentMethod": "trusted", "status": "active"})")
        .on("GET /api/v1/oauth-clients/c1", 200, R"({"clientId": "c1", "clientName": "A"})")
        .on("GET /api/v1/oauth-clients/c1/connection-configs/me", Errc::not_found);
    auto const trusted = run(client().read(f.session, RemoteId("c1")));
    REQUIRE(trusted.has_value());
    CHECK(canonical(trusted->attributes) ==
          R"({"clientName":"A","connectionConfig":{"consentMethod":"trusted"}})");
    auto const unconnected = run(client().read(f.session, RemoteId("c1")));
    REQUIRE(unconnected.has_value());
    CHECK(canonical(unconnected->attributes) == R"({"clientName":"A"})");
  }

  TEST_CASE("detail: no call where the list told the consent") {
    KindFixture f;
    RemoteObject listed{RemoteId("c1"),
                        object(R"({"connectionConfig": {"consentMethod": "required"}})")};
    CHECK(client().has_detail());
    auto const detailed = run(client().detail(f.session, listed));
    REQUIRE(detailed.has_value());
    CHECK(detailed->attributes == listed.attributes);
  }

  TEST_CASE("add_secret: one more, with the hint to delete it by; not asked for twice") {
    KindFixture f;
    f.session.on("POST /api/v1/oauth-clients/c1/client-secrets", 201,
                 R"({"clientId": "c1", "clientSecret": "s3cret-abcde", "hint": "abcde"})");
    auto const secret = run(client().add_secret(f.operation(), RemoteId("c1")));
    REQUIRE(secret.has_value());
    CHECK(secret->client_secret.reveal() == "s3cret-abcde");
    CHECK(secret->hint == "abcde");
    CHECK(secret->host == "acme.eu.qlikcloud.com");
    CHECK_FALSE(f.session.calls[0].repeatable);
  }

  TEST_CASE("add_secret: five are the most, and an answer without one counts as lost") {
    KindFixture f;
    f.session.on("POST /api/v1/oauth-clients/c1/client-secrets", Errc::conflict)
        .on("POST /api/v1/oauth-clients/c1/client-secrets", 201, "{}");
    auto const full = run(client().add_secret(f.operation(), RemoteId("c1")));
    REQUIRE(full.has_error());
    CHECK(full.error().code == Errc::conflict);
    CHECK(full.error().message.find("has 5 secrets") != std::string::npos);
    auto const empty = run(client().add_secret(f.operation(), RemoteId("c1")));
    REQUIRE(empty.has_error());
    CHECK(empty.error().code == Errc::lost_reply);
  }

  TEST_CASE("remove_secret: by its hint; gone already is removed; never of the client in use") {
    KindFixture f;
    f.session.on("DELETE /api/v1/oauth-clients/c1/client-secrets/a%2Fcde", 204)
        .on("DELETE /api/v1/oauth-clients/c1/client-secrets/abcde", Errc::not_found);
    CHECK(run(client().remove_secret(f.operation(), RemoteId("c1"), "a/cde")).has_value());
    CHECK(run(client().remove_secret(f.operation(), RemoteId("c1"), "abcde")).has_value());
    f.session.own_client = "c1";
    auto const refused = run(client().remove_secret(f.operation(), RemoteId("c1"), "abcde"));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::guard);
  }

  TEST_CASE("renew_secret: a new one, then the end of those that nobody has") {
    KindFixture f;
    f.session
        .on("GET /api/v1/oauth-clients/c1", 200,
            R"({"clientId": "c1", "clientSecrets": [{"hint": "old"}]})")
        .on("POST /api/v1/oauth-clients/c1/client-secrets", 201,
            R"({"clientSecret": "n3w-secret"})")
        .on("GET /api/v1/oauth-clients/c1", 200,
            R"({"clientId": "c1", "clientSecrets":
                [{"hint": "old"}, {"hint": "twice"}, {"hint": "ecret"}]})")
        .on("DELETE /api/v1/oauth-clients/c1/client-secrets/old", 204)
        // Of a request whose answer was lost, so that it was made again.
        .on("DELETE /api/v1/oauth-clients/c1/client-secrets/twice", 204);
    auto const secret = run(client().renew_secret(f.operation(), RemoteId("c1")));
    REQUIRE(secret.has_value());
    CHECK(secret->hint == "ecret");  // where the server tells none, the last characters
    CHECK(f.session.calls[1].repeatable);
  }

  TEST_CASE("schema: a client that asks for tokens by itself should be trusted") {
    auto const& schema = client().schema();
    auto const warnings = [&](std::string_view more) {
      std::vector<std::string> out;
      auto const written = R"({"clientName": "A", "appType": "web", "allowedGrantTypes": )" +
                           std::string(more) + "}";
      check(schema, object(written), [&](SchemaProblem problem) {
        CHECK(problem.warning);
        out.push_back(problem.pointer);
      });
      return out;
    };
    using Pointers = std::vector<std::string>;
    CHECK(warnings(R"(["client_credentials"])") == Pointers{});
    CHECK(warnings(R"(["urn:qlik:oauth:user-impersonation"])") == Pointers{"/allowedGrantTypes"});
    CHECK(warnings(R"(["urn:qlik:oauth:user-impersonation"],
                      "connectionConfig": {"consentMethod": "trusted"})") == Pointers{});
    CHECK(
        warnings(R"(["client_credentials"], "connectionConfig": {"consentMethod": "required"})") ==
        Pointers{"/connectionConfig/consentMethod"});
  }
}
}  // namespace tenantry::test
