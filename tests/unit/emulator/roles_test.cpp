#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

Value operation(std::string_view op, std::string_view path, Value value) {
  return Array{Object{{"op", op}, {"path", path}, {"value", std::move(value)}}};
}

std::string id_in(test::HttpReply const& reply) {
  return std::string(reply.json().at("id").as_string());
}

}  // namespace

TEST_SUITE("emulator/roles") {
  TEST_CASE("list: a new tenant has the 17 default roles, which cannot be changed or deleted") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const all = cloud.call(tenant, "GET", "/api/v1/roles?limit=100&totalResults=true");
    REQUIRE(all.status == 200);
    auto const body = all.json();
    CHECK(body.at("totalResults") == 17);
    for (auto const& role : body.at("data").as_array()) {
      auto const path = fmt::format("/api/v1/roles/{}", std::string(role.at("id").as_string()));
      CAPTURE(path);
      CHECK(cloud.call(tenant, "DELETE", path).status == 403);
      CHECK(cloud.call(tenant, "PATCH", path, operation("replace", "/name", "x")).status == 403);
      auto const scopes = operation("add", "/assignedScopes/-", "knowledgebase");
      auto const is_user_default = role.at("name") == "UserDefault";
      CHECK(role.at("canEdit") == is_user_default);
      CHECK(cloud.call(tenant, "PATCH", path, scopes).status == (is_user_default ? 204 : 403));
    }
  }

  TEST_CASE("create: names are unique over custom and default roles") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const create = [&](Value const& body) {
      return cloud.call(tenant, "POST", "/api/v1/roles", body);
    };
    auto const made = create({{"name", "Author"}, {"assignedScopes", {"a", "b"}}});
    REQUIRE(made.status == 201);
    CHECK(made.json().at("type") == "custom");
    CHECK(create({{"name", "Author"}}).status == 400);
    CHECK(create({{"name", "author"}}).status == 201);
    CHECK(create({{"name", "Steward"}}).status == 400);
    CHECK(create({{"name", ""}}).status == 400);
    CHECK(create({{"name", "X"}, {"assignedScopes", {"No Such Scope"}}}).status == 400);
    CHECK(create({{"name", "X"}, {"assignedScopes", "a"}}).status == 400);
    CHECK(create({{"nam", "X"}}).status == 400);
    CHECK(create(Array{}).status == 400);
  }

  TEST_CASE("patch: operations on scopes, all or nothing") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", "/api/v1/roles",
                                 {{"name", "Author"}, {"assignedScopes", {"a", "b"}}});
    auto const path = "/api/v1/roles/" + id_in(made);
    auto const patch = [&](Value const& body) {
      return cloud.call(tenant, "PATCH", path, body).status;
    };
    auto const scopes = [&] {
      return boost::json::serialize(cloud.call(tenant, "GET", path).json().at("assignedScopes"));
    };
    CHECK(patch(operation("add", "/assignedScopes/-", "c")) == 204);
    CHECK(patch(operation("remove-value", "/assignedScopes", "a")) == 204);
    CHECK(scopes() == R"(["b","c"])");
    CHECK(patch(operation("remove-value", "/assignedScopes", "a")) == 400);
    CHECK(patch(operation("replace", "/assignedScopes", "a")) == 400);
    CHECK(patch(operation("replace", "/level", "admin")) == 400);
    CHECK(patch(operation("add", "/name", "x")) == 400);
    auto both = operation("replace", "/assignedScopes", Array{"z"}).as_array();
    both.push_back(operation("replace", "/name", "Steward").at(0));
    CHECK(patch(both) == 400);
    CHECK(scopes() == R"(["b","c"])");
    CHECK(patch(operation("replace", "/name", "Writer")) == 204);
    CHECK(cloud.call(tenant, "GET", "/api/v1/roles?filter=name%20eq%20%22writer%22")
              .json()
              .at("data")
              .as_array()
              .size() == 1);
  }

  TEST_CASE("patch: of UserDefault the scopes, by every operation, and nothing else") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const found =
        cloud.call(tenant, "GET", "/api/v1/roles?filter=name%20eq%20%22UserDefault%22");
    REQUIRE(found.status == 200);
    auto const role = found.json().at("data").at(0);
    auto const path = "/api/v1/roles/" + std::string(role.at("id").as_string());
    auto const patch = [&](std::string_view op, std::string_view where, Value value) {
      return cloud.call(tenant, "PATCH", path, operation(op, where, std::move(value))).status;
    };
    auto const scopes = [&] {
      return boost::json::serialize(cloud.call(tenant, "GET", path).json().at("assignedScopes"));
    };
    CHECK(patch("replace", "/assignedScopes", Array{"knowledgebase", "user_default"}) == 204);
    CHECK(patch("add", "/assignedScopes/-", "automations") == 204);
    CHECK(patch("remove-value", "/assignedScopes", "knowledgebase") == 204);
    CHECK(scopes() == R"(["user_default","automations"])");
    CHECK(patch("replace", "/name", "x") == 403);
    CHECK(patch("replace", "/description", "x") == 403);
    CHECK(patch("replace", "/canEdit", true) == 400);
    auto both = operation("replace", "/assignedScopes", Array{"z"}).as_array();
    both.push_back(operation("replace", "/name", "x").at(0));
    CHECK(cloud.call(tenant, "PATCH", path, both).status == 403);
    CHECK(scopes() == R"(["user_default","automations"])");
  }

  TEST_CASE("delete: refused while a group or user has the role") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const role = id_in(cloud.call(tenant, "POST", "/api/v1/roles", {{"name", "Author"}}));
    auto const path = "/api/v1/roles/" + role;
    auto const group = cloud.call(tenant, "POST", "/api/v1/groups",
                                  {{"name", "g"}, {"assignedRoles", {{{"name", "Author"}}}}});
    REQUIRE(group.status == 201);
    CHECK(cloud.call(tenant, "DELETE", path).status == 403);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/groups/" + id_in(group)).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    auto const gone = cloud.call(tenant, "GET", path);
    CHECK(gone.status == 404);
    CHECK(gone.json().at("errors").at(0).at("code") == "IDENTITIES-10402");
  }
}

TEST_SUITE("emulator/groups") {
  TEST_CASE("create: idp is the default, a name is unique per provider type") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const create = [&](Value const& body) {
      return cloud.call(tenant, "POST", "/api/v1/groups", body);
    };
    auto const made = create({{"name", "Sales"}});
    REQUIRE(made.status == 201);
    CHECK(made.json().at("providerType") == "idp");
    CHECK(made.json().at("status") == "active");
    CHECK(create({{"name", "Sales"}}).status == 409);
    CHECK(create({{"name", "Sales"}, {"providerType", "custom"}}).status == 201);
    CHECK(create({{"name", "sales"}}).status == 201);
    CHECK(create({{"name", std::string(256, 'x')}}).status == 201);
    CHECK(create({{"name", std::string(257, 'x')}}).status == 400);
    CHECK(create({{"name", "a"}, {"providerType", "other"}}).status == 400);
    CHECK(create({{"name", 1}}).status == 400);
  }

  TEST_CASE("create: roles by id or by name, not both, and none that is unknown") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const role = id_in(cloud.call(tenant, "POST", "/api/v1/roles", {{"name", "Author"}}));
    auto const create = [&](char const* name, Array roles) {
      return cloud.call(tenant, "POST", "/api/v1/groups",
                        {{"name", name}, {"assignedRoles", std::move(roles)}});
    };
    Object const by_id{{"id", role}}, by_name{{"name", "Steward"}}, unknown{{"name", "Nobody"}};
    Array one, mixed, none;
    one.push_back(by_id);
    mixed.push_back(by_id);
    mixed.push_back(by_name);
    none.push_back(unknown);
    auto const made = create("a", one);
    REQUIRE(made.status == 201);
    CHECK(made.json().at("assignedRoles").at(0).at("name") == "Author");
    CHECK(create("b", mixed).status == 400);
    CHECK(create("c", none).status == 400);
  }

  TEST_CASE("patch: of an idp group only the roles change, of a custom one everything") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const make = [&](char const* type) {
      return "/api/v1/groups/" + id_in(cloud.call(tenant, "POST", "/api/v1/groups",
                                                  {{"name", "g"}, {"providerType", type}}));
    };
    auto const idp = make("idp"), custom = make("custom");
    auto const roles = operation("replace", "/assignedRoles", Array{Object{{"name", "Steward"}}});
    CHECK(cloud.call(tenant, "PATCH", idp, roles).status == 204);
    CHECK(cloud.call(tenant, "PATCH", custom, roles).status == 204);
    auto const name = operation("replace", "name", "h");
    CHECK(cloud.call(tenant, "PATCH", idp, name).status == 400);
    CHECK(cloud.call(tenant, "PATCH", custom, name).status == 204);
    CHECK(cloud.call(tenant, "GET", custom).json().at("name") == "h");
    CHECK(cloud.call(tenant, "PATCH", custom, operation("add", "/assignedRoles", Array{})).status ==
          400);
  }

  TEST_CASE("system group: listed only on request, its roles change by id") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    CHECK(cloud.call(tenant, "GET", "/api/v1/groups").json().at("data").as_array().empty());
    auto const system = cloud.call(tenant, "GET", "/api/v1/groups?systemGroups=true");
    REQUIRE(system.status == 200);
    CHECK(system.json().at("data").at(0).at("name") == "com.qlik.Everyone");
    CHECK(system.json().at("data").at(0).at("assignedRoles").as_array().size() == 3);
    CHECK(cloud.call(tenant, "GET", "/api/v1/groups?systemGroups=true&limit=5").status == 400);
    std::string const path = "/api/v1/groups/000000000000000000000001";
    auto const by_name = operation("replace", "/assignedRoles", Array{Object{{"name", "Steward"}}});
    CHECK(cloud.call(tenant, "PATCH", path, by_name).status == 400);
    CHECK(cloud.call(tenant, "DELETE", path).status == 400);
    auto const settings =
        operation("replace", "/systemGroups/000000000000000000000001/assignedRoles",
                  Array{Object{{"name", "Steward"}}});
    CHECK(cloud.call(tenant, "PATCH", "/api/v1/groups/settings", settings).status == 204);
    CHECK(cloud
              .call(tenant, "PATCH", "/api/v1/groups/settings",
                    operation("replace", "/autoCreateGroups", true))
              .status == 204);
    auto const read = cloud.call(tenant, "GET", "/api/v1/groups/settings").json();
    CHECK(read.at("autoCreateGroups") == true);
    auto const& everyone = read.at("systemGroups").at("000000000000000000000001");
    REQUIRE(everyone.at("assignedRoles").as_array().size() == 1);
    CHECK(everyone.at("assignedRoles").at(0).at("name") == "Steward");
  }

  TEST_CASE("settings: flags and the roles of Everyone, all or nothing") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    std::string const path = "/api/v1/groups/settings";
    std::string const roles = "/systemGroups/000000000000000000000001/assignedRoles";
    auto const patch = [&](std::string_view where, Value value) {
      return cloud.call(tenant, "PATCH", path, operation("replace", where, std::move(value)))
          .status;
    };
    auto const fresh = cloud.call(tenant, "GET", path).json();
    CHECK(fresh.at("autoCreateGroups") == false);
    CHECK(fresh.at("syncIdpGroups") == false);
    CHECK(patch("/syncIdpGroups", true) == 204);
    CHECK(patch("/autoCreateGroups", "true") == 400);
    CHECK(patch("/systemGroups/000000000000000000000002/assignedRoles", Array{}) == 400);
    CHECK(patch(roles, true) == 400);
    CHECK(patch(roles, Array{Object{{"name", "Nobody"}}}) == 400);
    CHECK(patch("/tenantId", "x") == 400);
    CHECK(cloud.call(tenant, "PATCH", path, operation("add", "/autoCreateGroups", true)).status ==
          400);
    auto both = operation("replace", "/autoCreateGroups", true).as_array();
    both.push_back(operation("replace", roles, Array{Object{{"name", "Nobody"}}}).at(0));
    CHECK(cloud.call(tenant, "PATCH", path, both).status == 400);
    CHECK(cloud.call(tenant, "GET", path).json().at("autoCreateGroups") == false);
    CHECK(patch(roles, Array{}) == 204);
    auto const read = cloud.call(tenant, "GET", path).json();
    CHECK(read.at("syncIdpGroups") == true);
    auto const everyone = read.at("systemGroups").at("000000000000000000000001");
    CHECK(everyone.at("assignedRoles").as_array().empty());
  }

  TEST_CASE("delete: a custom group with users stays, an idp group goes and its members remain") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const group = id_in(
        cloud.call(tenant, "POST", "/api/v1/groups", {{"name", "g"}, {"providerType", "custom"}}));
    auto const user = "/api/v1/users/" +
                      id_in(cloud.call(tenant, "POST", "/api/v1/users", {{"subject", "idp\\ann"}}));
    CHECK(cloud
              .call(tenant, "PATCH", user,
                    operation("add", "/assignedGroups/-", Object{{"id", group}}))
              .status == 204);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/groups/" + group).status == 400);
    CHECK(cloud
              .call(tenant, "PATCH", user,
                    operation("remove-value", "/assignedGroups", Object{{"id", group}}))
              .status == 204);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/groups/" + group).status == 204);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/groups/" + group).status == 404);
  }
}
}  // namespace tenantry
