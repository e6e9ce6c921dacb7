#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

Value operation(std::string_view op, std::string_view path, Value value) {
  return Array{Object{{"op", op}, {"path", path}, {"value", std::move(value)}}};
}

std::string own_path(EmulatedCloud& cloud, test::EmulatedTenant const& tenant) {
  auto const me = cloud.call(tenant, "GET", "/api/v1/users/me");
  REQUIRE(me.status == 301);
  auto const& location = me.headers.at("location");
  return location.substr(location.find("/api/"));
}

}  // namespace

TEST_SUITE("emulator/users") {
  TEST_CASE("me: the first token of a region-level client makes its bot user, a TenantAdmin") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant("eu");
    auto const user = cloud.call(tenant, "GET", own_path(cloud, tenant));
    REQUIRE(user.status == 200);
    auto const body = user.json();
    CHECK(body.at("subject") == "qlikbot\\emulator");
    CHECK(body.at("clientId") == "emulator");
    CHECK(body.at("name") == "EU OAuth Client");
    CHECK(body.at("assignedRoles").at(0).at("name") == "TenantAdmin");
    cloud.token(tenant.host);
    CHECK(cloud.call(tenant, "GET", "/api/v1/users/actions/count").json().at("total") == 1);
  }

  TEST_CASE("create: a subject is unique; an invitation needs an address and expires") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const create = [&](Object const& body) {
      return cloud.call(tenant, "POST", "/api/v1/users", body);
    };
    auto const made = create({{"subject", "idp\\ann"}, {"name", "Ann"}});
    REQUIRE(made.status == 201);
    CHECK(made.json().at("status") == "active");
    CHECK(create({{"subject", "idp\\ann"}}).status == 409);
    CHECK(create({{"name", "Ann"}}).status == 400);
    CHECK(create({{"subject", "x"}, {"status", "invited"}}).status == 400);
    CHECK(create({{"subject", "x"}, {"status", "disabled"}}).status == 400);
    CHECK(create({{"subject", "x"}, {"tenantId", "another"}}).status == 403);
    auto const invited =
        create({{"subject", "b"}, {"status", "invited"}, {"email", "b@corp.example"}});
    REQUIRE(invited.status == 201);
    CHECK(invited.json().at("inviteExpiry").is_number());
  }

  TEST_CASE("patch: roles and status change; a tenant keeps a TenantAdmin") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", "/api/v1/users", Object{{"subject", "s"}}).json();
    auto const path = "/api/v1/users/" + std::string(made.at("id").as_string());
    auto const patch = [&](Value const& body) {
      return cloud.call(tenant, "PATCH", path, body).status;
    };
    CHECK(patch(operation("add", "/assignedRoles/-", Object{{"name", "Steward"}})) == 204);
    CHECK(patch(operation("replace", "/status", "disabled")) == 204);
    CHECK(patch(operation("replace", "/status", "invited")) == 400);
    CHECK(patch(operation("replace", "/subject", "t")) == 400);
    CHECK(patch(operation("unset", "/preferredLocale", "")) == 204);
    CHECK(patch(operation("remove-value", "/assignedRoles", Object{{"name", "Steward"}})) == 204);
    CHECK(patch(operation("remove-value", "/assignedRoles", Object{{"name", "Steward"}})) == 400);
    auto const own = own_path(cloud, tenant);
    CHECK(
        cloud.call(tenant, "PATCH", own, operation("replace", "/assignedRoles", Array{})).status ==
        400);
    CHECK(cloud.call(tenant, "DELETE", own).status == 400);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
  }

  TEST_CASE("patch: memberships of idp groups are not for the API") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", "/api/v1/users", Object{{"subject", "s"}}).json();
    auto const path = "/api/v1/users/" + std::string(made.at("id").as_string());
    for (auto const* type : {"idp", "custom"}) {
      cloud.call(tenant, "POST", "/api/v1/groups", Object{{"name", "g"}, {"providerType", type}});
    }
    auto const add = [&](char const* type) {
      return cloud
          .call(
              tenant, "PATCH", path,
              operation("add", "/assignedGroups/-", Object{{"name", "g"}, {"providerType", type}}))
          .status;
    };
    CHECK(add("idp") == 400);
    CHECK(add("custom") == 204);
    CHECK(add("custom") == 400);
  }

  TEST_CASE("list: fields cut the answer, filters look at the whole user") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    cloud.call(tenant, "POST", "/api/v1/users", Object{{"subject", "idp\\ann"}, {"name", "Ann"}});
    auto const list =
        cloud.call(tenant, "GET", "/api/v1/users?fields=name&filter=subject%20co%20%22ANN%22")
            .json();
    REQUIRE(list.at("data").as_array().size() == 1);
    CHECK(list.at("data").at(0).as_object().size() == 4);
    CHECK(list.at("data").at(0).at("name") == "Ann");
    auto const admins = cloud
                            .call(tenant, "POST", "/api/v1/users/actions/filter",
                                  Object{{"filter", "assignedRoles.name eq 'TenantAdmin'"}})
                            .json();
    CHECK(admins.at("data").as_array().size() == 1);
  }

  TEST_CASE("impersonation: a client with that grant gets the token of a user") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    cloud.call(tenant, "POST", "/api/v1/users", Object{{"subject", "idp\\ann"}});
    auto const client =
        cloud
            .call(tenant, "POST", "/api/v1/oauth-clients",
                  Object{{"appType", "web"},
                         {"clientName", "Portal"},
                         {"allowedScopes", {"admin_classic"}},
                         {"allowedGrantTypes", Array{"urn:qlik:oauth:user-impersonation"}},
                         {"connectionConfig", {{"consentMethod", "trusted"}}}})
            .json();
    auto const ask = [&](Object const& more) {
      Object body{{"client_id", client.at("clientId")},
                  {"client_secret", client.at("clientSecret")},
                  {"grant_type", "urn:qlik:oauth:user-impersonation"}};
      for (auto const& member : more) body[member.key()] = member.value();
      return cloud.call(tenant.host, "", "POST", "/oauth/token", body);
    };
    Object const ann{{"field", "subject"}, {"value", "idp\\ann"}};
    Object const nobody{{"field", "subject"}, {"value", "nobody"}};
    auto const reply = ask({{"user_lookup", ann}});
    REQUIRE(reply.status == 200);
    std::string const token(reply.json().at("access_token").as_string());
    CHECK(cloud.call(tenant.host, token, "GET", "/api/v1/groups").status == 200);
    // The scope would do, but Ann is no TenantAdmin.
    CHECK(cloud.call(tenant.host, token, "GET", "/api/v1/roles").status == 403);
    CHECK(ask({{"user_lookup", nobody}}).status == 403);
    CHECK(ask({}).status == 400);
    CHECK(ask({{"user_lookup", ann}, {"grant_type", "client_credentials"}}).status == 403);
  }
}

TEST_SUITE("emulator/licenses") {
  TEST_CASE("overview: has the key that creates further tenants") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const overview = cloud.call(tenant, "GET", "/api/v1/licenses/overview");
    REQUIRE(overview.status == 200);
    CHECK(overview.json().at("licenseKey") == emulator::kLicenseKey.data());
    CHECK(cloud.call(tenant, "GET", "/api/v1/licenses/status").json().at("status") == "Ok");
  }

  TEST_CASE("settings: a flag that is left out becomes false") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    std::string const path = "/api/v1/licenses/settings";
    CHECK(cloud.call(tenant, "PUT", path, Object{{"autoAssignProfessional", true}}).status == 200);
    auto const read = cloud.call(tenant, "GET", path).json();
    CHECK(read.at("autoAssignProfessional") == true);
    CHECK(read.at("autoAssignAnalyzer") == false);
    CHECK(cloud.call(tenant, "PUT", path, Object{{"autoAssignProfessional", 1}}).status == 400);
  }
}
}  // namespace tenantry
