#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

Value operation(std::string_view op, std::string_view path, Value value) {
  return Array{Object{{"op", op}, {"path", path}, {"value", std::move(value)}}};
}

constexpr char kClients[] = "/api/v1/oauth-clients";

Object const kMachine{{"appType", "web"},
                      {"clientName", "Portal"},
                      {"allowedScopes", {"admin_classic", "user_default"}},
                      {"allowedGrantTypes", {"client_credentials"}},
                      {"connectionConfig", {{"consentMethod", "trusted"}}}};

std::string text(Value const& value, char const* name) {
  return std::string(value.at(name).as_string());
}

}  // namespace

TEST_SUITE("emulator/oauth_clients") {
  TEST_CASE("create: the secret is shown once, and works at the token endpoint") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", kClients, kMachine);
    REQUIRE(made.status == 201);
    auto const id = text(made.json(), "clientId");
    auto const secret = text(made.json(), "clientSecret");
    CHECK(id.size() == 32);
    auto const read = cloud.call(tenant, "GET", fmt::format("{}/{}", kClients, id));
    REQUIRE(read.status == 200);
    CHECK_FALSE(read.json().as_object().contains("clientSecret"));
    CHECK(read.body.find(secret) == std::string::npos);
    CHECK(text(read.json().at("clientSecrets").at(0), "hint") == secret.substr(secret.size() - 5));
    auto const token = cloud.token(tenant.host, id, secret);
    REQUIRE_FALSE(token.empty());
    CHECK(cloud.token(tenant.host, id, "wrong").empty());
    CHECK(cloud.call(tenant.host, token, "GET", "/api/v1/roles").status == 200);
    auto const bots =
        cloud.call(tenant, "GET", fmt::format("/api/v1/users?filter=clientId%20eq%20%22{}%22", id));
    REQUIRE(bots.json().at("data").as_array().size() == 1);
    CHECK(text(bots.json().at("data").at(0), "subject") == "qlikbot\\" + id);
  }

  TEST_CASE("create: what does not fit together is refused") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const refused = [&](char const* name, Value value) {
      auto body = kMachine;
      body[name] = std::move(value);
      return cloud.call(tenant, "POST", kClients, body).status == 400;
    };
    CHECK(refused("appType", "desktop"));
    CHECK(refused("appType", "spa"));  // grant types are for web
    CHECK(refused("clientName", ""));
    CHECK(refused("redirectUris", Array{"1", "2", "3", "4", "5", "6"}));
    CHECK(refused("allowedOrigins", Array{"https://a.example"}));
    CHECK(refused("allowedAuthMethods", Array{"private_key_jwt"}));
    CHECK(refused("connectionConfig", Object{{"consentMethod", "required"}}));
    CHECK(refused("clientId", "mine"));
  }

  TEST_CASE("secrets: at most five, each named by its hint; a deleted one does not work any more") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", kClients, kMachine).json();
    auto const id = text(made, "clientId");
    auto const secrets = fmt::format("{}/{}/client-secrets", kClients, id);
    test::HttpReply last;
    for (int i = 0; i < 4; ++i) {
      last = cloud.call(tenant, "POST", secrets);
      CHECK(last.status == 201);
    }
    CHECK(cloud.call(tenant, "POST", secrets).status == 409);
    auto const second = text(last.json(), "clientSecret");
    CHECK_FALSE(cloud.token(tenant.host, id, second).empty());
    auto const path = fmt::format("{}/{}", secrets, text(last.json(), "hint"));
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
    CHECK(cloud.token(tenant.host, id, second).empty());
    CHECK_FALSE(cloud.token(tenant.host, id, text(made, "clientSecret")).empty());
  }

  TEST_CASE("patch: 204, and 202 with a secret where client_secret is added") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto body = kMachine;
    body["allowedAuthMethods"] = Array{"private_key_jwt"};
    body["publicKeys"] = Array{Object{
        {"kty", "RSA"}, {"use", "sig"}, {"alg", "RS256"}, {"kid", "k"}, {"e", "AQAB"}, {"n", "x"}}};
    auto const made = cloud.call(tenant, "POST", kClients, body);
    REQUIRE(made.status == 201);
    CHECK(made.json().at("clientSecret") == "");
    auto const path = fmt::format("{}/{}", kClients, text(made.json(), "clientId"));
    CHECK(cloud.call(tenant, "PATCH", path, operation("replace", "/clientName", "New")).status ==
          204);
    CHECK(cloud.call(tenant, "PATCH", path, operation("replace", "/appType", "spa")).status == 400);
    auto const gained = cloud.call(
        tenant, "PATCH", path, operation("replace", "/allowedAuthMethods", Array{"client_secret"}));
    REQUIRE(gained.status == 202);
    CHECK_FALSE(
        cloud.token(tenant.host, text(made.json(), "clientId"), text(gained.json(), "clientSecret"))
            .empty());
  }

  TEST_CASE("delete: needs the confirm header") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const id = text(cloud.call(tenant, "POST", kClients, kMachine).json(), "clientId");
    auto const path = fmt::format("{}/{}", kClients, id);
    CHECK(cloud.call(tenant, "DELETE", path).status == 400);
    CHECK(cloud.call(tenant, "DELETE", path, {}, {{"qlik-confirm-delete", "x"}}).status == 400);
    CHECK(cloud.call(tenant, "DELETE", path, {}, {{"qlik-confirm-delete", id}}).status == 204);
    CHECK(cloud.call(tenant, "GET", path).status == 404);
  }

  TEST_CASE("publish: another tenant of the region uses the client once it has consented") {
    EmulatedCloud cloud;
    auto const owner = cloud.create_tenant("eu");
    auto const other = cloud.create_tenant("eu");
    auto const foreign = cloud.create_tenant("us");
    auto const made = cloud.call(owner, "POST", kClients, kMachine).json();
    auto const id = text(made, "clientId"), secret = text(made, "clientSecret");
    CHECK(cloud.token(other.host, id, secret).empty());
    CHECK(cloud.call(owner, "POST", fmt::format("{}/{}/actions/publish", kClients, id)).status ==
          201);
    auto const config = fmt::format("{}/{}/connection-configs/me", kClients, id);
    CHECK(cloud.token(other.host, id, secret).empty());
    CHECK(text(cloud.call(other, "GET", config).json(), "consentMethod") == "required");
    CHECK(cloud.call(other, "PATCH", config, operation("replace", "/consentMethod", "trusted"))
              .status == 204);
    CHECK_FALSE(cloud.token(other.host, id, secret).empty());
    CHECK(cloud.call(other, "DELETE", config).status == 204);
    CHECK(cloud.token(other.host, id, secret).empty());
    CHECK(cloud.call(foreign, "GET", config).status == 404);
  }

  TEST_CASE("consent: a tenant's own client has one too, which changes but does not go") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", kClients, kMachine).json();
    auto const id = text(made, "clientId"), secret = text(made, "clientSecret");
    auto const config = fmt::format("{}/{}/connection-configs/me", kClients, id);
    auto const patch = [&](std::string_view op, std::string_view path, Value value) {
      return cloud.call(tenant, "PATCH", config, operation(op, path, std::move(value))).status;
    };
    CHECK(text(cloud.call(tenant, "GET", config).json(), "consentMethod") == "trusted");
    CHECK(patch("replace", "/consentMethod", "required") == 204);
    CHECK(cloud.token(tenant.host, id, secret).empty());
    CHECK(patch("replace", "/consentMethod", "trusted") == 204);
    CHECK_FALSE(cloud.token(tenant.host, id, secret).empty());
    CHECK(patch("replace", "/consentMethod", "never") == 400);
    CHECK(patch("add", "/consentMethod", "trusted") == 400);
    CHECK(patch("replace", "/status", "x") == 400);
    CHECK(cloud.call(tenant, "DELETE", config).status == 400);
    auto const unknown = fmt::format("{}/none/connection-configs/me", kClients);
    CHECK(cloud.call(tenant, "GET", unknown).status == 404);
    CHECK(cloud.call(tenant, "DELETE", unknown).status == 404);
  }
}

TEST_SUITE("emulator/tokens") {
  TEST_CASE("token: JSON and form are understood; what is wrong is told apart") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const post = [&](std::string_view body, char const* type) {
      return cloud.http().send("POST", tenant.host, "/oauth/token", body, {{"Content-Type", type}});
    };
    constexpr char kForm[] = "application/x-www-form-urlencoded";
    auto const form = post(
        "grant_type=client_credentials&client_id=emulator&client_secret=emulator%2Dsecret", kForm);
    REQUIRE(form.status == 200);
    CHECK(form.json().at("expires_in") == 21600);
    CHECK(form.json().at("token_type") == "bearer");
    CHECK(form.json().as_object().contains("expires_at"));
    CHECK(post("grant_type=password&client_id=emulator", kForm).status == 400);
    CHECK(post("grant_type=client_credentials&client_id=nobody&client_secret=x", kForm).status ==
          401);
    CHECK(post("grant_type=client_credentials&client_id=emulator&client_secret=x", kForm).status ==
          401);
    CHECK(post(R"({"grant_type":"client_credentials","client_id":"emulator",
                  "client_secret":"emulator-secret","scope":"no_such"})",
               "application/json")
              .status == 400);
    CHECK(post("{", "application/json").status == 400);
    CHECK(post("x", "text/plain").status == 415);
  }

  TEST_CASE("token: good for its own host only, until it expires") {
    EmulatedCloud cloud;
    auto const a = cloud.create_tenant();
    auto const b = cloud.create_tenant();
    CHECK(cloud.call(a.host, a.token, "GET", "/api/v1/groups").status == 200);
    CHECK(cloud.call(b.host, a.token, "GET", "/api/v1/groups").status == 401);
    CHECK(cloud.call(a.host, "", "GET", "/api/v1/groups").status == 401);
    CHECK(cloud.control("POST", "clock", {{"advanceSeconds", 21599}}).status == 200);
    CHECK(cloud.call(a.host, a.token, "GET", "/api/v1/groups").status == 200);
    CHECK(cloud.control("POST", "clock", {{"advanceSeconds", 2}}).status == 200);
    CHECK(cloud.call(a.host, a.token, "GET", "/api/v1/groups").status == 401);
  }

  TEST_CASE("token: scopes and the role of the bot user limit what it may do") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto body = kMachine;
    body["allowedScopes"] = Array{"user_default"};
    auto const made = cloud.call(tenant, "POST", kClients, body).json();
    auto const narrow =
        cloud.token(tenant.host, text(made, "clientId"), text(made, "clientSecret"));
    CHECK(cloud.call(tenant.host, narrow, "GET", "/api/v1/groups").status == 200);
    CHECK(cloud.call(tenant.host, narrow, "POST", "/api/v1/groups", {{"name", "g"}}).status == 403);
    auto const machine = cloud.call(tenant, "POST", kClients, kMachine).json();
    auto const token =
        cloud.token(tenant.host, text(machine, "clientId"), text(machine, "clientSecret"));
    CHECK(cloud.call(tenant.host, token, "POST", "/api/v1/groups", {{"name", "g"}}).status == 201);
    auto const me = cloud.call(tenant.host, token, "GET", "/api/v1/users/me");
    REQUIRE(me.status == 301);
    auto const location = me.headers.at("location");
    auto const path = location.substr(location.find("/api/"));
    CHECK(
        cloud.call(tenant, "PATCH", path, operation("replace", "/assignedRoles", Array{})).status ==
        204);
    CHECK(cloud.call(tenant.host, token, "POST", "/api/v1/groups", {{"name", "h"}}).status == 403);
  }

  TEST_CASE("token: extra clients work like the built-in one") {
    emulator::Options options;
    options.clients.push_back({"second", Secret("geheim")});
    EmulatedCloud cloud(std::move(options));
    CHECK_FALSE(cloud.token("register.us.qlikcloud.com", "second", "geheim").empty());
    CHECK_FALSE(cloud.token("console.qlikcloud.com", "second", "geheim").empty());
    CHECK_FALSE(cloud.token("console.qlikcloud.com").empty());
  }
}
}  // namespace tenantry
