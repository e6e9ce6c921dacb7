#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;

namespace {

constexpr char kSpaces[] = "/api/v1/spaces";

Value operation(std::string_view op, std::string_view path, Value value) {
  return Array{Object{{"op", op}, {"path", path}, {"value", std::move(value)}}};
}

std::string text(Value const& value, char const* name) {
  return std::string(value.at(name).as_string());
}

std::string id_in(test::HttpReply const& reply) { return text(reply.json(), "id"); }

std::string make_space(EmulatedCloud& cloud, EmulatedTenant const& tenant, std::string_view name,
                       std::string_view type = "data") {
  return id_in(cloud.call(tenant, "POST", kSpaces, {{"name", name}, {"type", type}}));
}

std::string make_group(EmulatedCloud& cloud, EmulatedTenant const& tenant, std::string_view name) {
  return id_in(cloud.call(tenant, "POST", "/api/v1/groups", {{"name", name}}));
}

std::string assignments_of(std::string const& space) {
  return fmt::format("{}/{}/assignments", kSpaces, space);
}

Object assignment(std::string_view type, std::string_view assignee, Array roles) {
  return {{"type", type}, {"assigneeId", assignee}, {"roles", std::move(roles)}};
}

/// A token of a client that may only do what users may, and whose bot user has no roles.
struct Visitor {
  std::string token;
  std::string user;
};

Visitor make_visitor(EmulatedCloud& cloud, EmulatedTenant const& tenant) {
  auto const made = cloud.call(tenant, "POST", "/api/v1/oauth-clients",
                               {{"appType", "web"},
                                {"clientName", "Visitor"},
                                {"allowedScopes", {"user_default"}},
                                {"allowedGrantTypes", {"client_credentials"}},
                                {"connectionConfig", {{"consentMethod", "trusted"}}}});
  auto const body = made.json().as_object();
  Visitor visitor;
  visitor.token =
      cloud.token(tenant.host, text_at(body, "clientId"), text_at(body, "clientSecret"));
  auto const me = cloud.call(tenant.host, visitor.token, "GET", "/api/v1/users/me");
  auto const& location = me.headers.at("location");
  visitor.user = location.substr(location.rfind('/') + 1);
  auto const demoted = cloud.call(tenant, "PATCH", "/api/v1/users/" + visitor.user,
                                  operation("replace", "/assignedRoles", Array{}));
  REQUIRE(demoted.status == 204);
  return visitor;
}

}  // namespace

TEST_SUITE("emulator/spaces") {
  TEST_CASE("create: the caller becomes owner and has all roles without an assignment") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const made = cloud.call(tenant, "POST", kSpaces,
                                 {{"name", "Pipelines"}, {"type", "data"}, {"description", "d"}});
    REQUIRE(made.status == 201);
    auto const space = made.json();
    CHECK(space.at("type") == "data");
    CHECK(space.at("description") == "d");
    CHECK(text(space, "tenantId") == tenant.id);
    CHECK(space.at("ownerId") == space.at("createdBy"));
    CHECK(space.at("meta").at("roles") == space.at("meta").at("assignableRoles"));
    auto const listed = cloud.call(tenant, "GET", assignments_of(id_in(made)));
    REQUIRE(listed.status == 200);
    CHECK(listed.json().at("data").as_array().empty());
    CHECK(listed.json().at("meta").at("count") == 0);
  }

  TEST_CASE("create: meta.assignableRoles lists the roles of the type") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const roles = [&](char const* type) {
      auto const made = cloud.call(tenant, "POST", kSpaces, {{"name", type}, {"type", type}});
      return boost::json::serialize(made.json().at("meta").at("assignableRoles"));
    };
    CHECK(roles("shared") ==
          R"(["codeveloper","consumer","dataconsumer","facilitator","producer"])");
    CHECK(roles("managed") == R"(["basicconsumer","consumer","contributor","dataconsumer",)"
                              R"("facilitator","operator","publisher"])");
    CHECK(roles("data") == R"(["consumer","dataconsumer","datapreview","facilitator","operator",)"
                           R"("producer","publisher"])");
    CHECK(cloud.call(tenant, "GET", "/api/v1/spaces/types").json().at("data").as_array().size() ==
          3);
  }

  TEST_CASE("create: a name is unique over all types, at most 256 long, without path characters") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const create = [&](std::string_view name, std::string_view type = "shared") {
      return cloud.call(tenant, "POST", kSpaces, {{"name", name}, {"type", type}}).status;
    };
    CHECK(create("Finance (dev)") == 201);
    CHECK(create("Finance (dev)") == 409);
    CHECK(create("Finance (dev)", "managed") == 409);
    CHECK(create(std::string(256, 'x')) == 201);
    CHECK(create(std::string(257, 'x')) == 400);
    CHECK(create("") == 400);
    CHECK(create("other", "personal") == 400);
    for (auto const character : std::string_view("\"*?<>/|\\:")) {
      CAPTURE(character);
      CHECK(create(fmt::format("a{}b", character)) == 400);
    }
    CHECK(cloud.call(tenant, "POST", kSpaces, {{"name", "x"}}).status == 400);
    auto const refused = cloud.call(tenant, "POST", kSpaces, {{"name", ""}, {"type", "data"}});
    auto const error = refused.json().at("errors").at(0);
    CHECK(error.at("meta").at("source").at("pointer") == "/name");
  }

  TEST_CASE("list: ten a page, filtered by a part of the name, type and owner, with a count") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    for (int i = 0; i < 11; ++i) make_space(cloud, tenant, fmt::format("Space {:02}", i));
    make_space(cloud, tenant, "Sales", "shared");
    auto const list = [&](std::string_view query) {
      return cloud.call(tenant, "GET", fmt::format("{}?{}", kSpaces, query)).json();
    };
    auto const count = [&](std::string_view query) {
      return list(query).at("meta").at("count").to_number<int>();
    };
    auto const first = list("name=SPACE");
    CHECK(first.at("data").as_array().size() == 10);
    CHECK(first.at("data").at(0).at("name") == "Space 00");
    std::string const next(first.at("links").at("next").at("href").as_string());
    auto const rest = cloud.call(tenant, "GET", next.substr(next.find("/api/")));
    REQUIRE(rest.json().at("data").as_array().size() == 1);
    CHECK(rest.json().at("data").at(0).at("name") == "Space 10");
    CHECK_FALSE(rest.json().at("links").as_object().contains("next"));
    CHECK(count("") == 12);
    CHECK(count("type=shared") == 1);
    CHECK(count("type=shared,data") == 12);
    CHECK(count("type=managed") == 0);
    CHECK(count("ownerId=nobody") == 0);
    CHECK(count("roles=codeveloper") == 1);
    CHECK(count("action=publish") == 0);
    CHECK(count("environmentId=e") == 0);
    CHECK(list("sort=-name&limit=1").at("data").at(0).at("name") == "Space 10");
    CHECK(cloud.call(tenant, "GET", "/api/v1/spaces?limit=101").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/spaces?sort=ownerId").status == 400);
    CHECK(cloud.call(tenant, "GET", "/api/v1/spaces?action=read").status == 400);
  }

  TEST_CASE("patch and put: 200 with the space; the type is fixed, names stay unique") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    make_space(cloud, tenant, "Taken");
    auto const path = fmt::format("{}/{}", kSpaces, make_space(cloud, tenant, "Old"));
    auto const patch = [&](std::string_view where, Value value) {
      return cloud.call(tenant, "PATCH", path, operation("replace", where, std::move(value)));
    };
    auto const renamed = patch("/name", "New");
    REQUIRE(renamed.status == 200);
    CHECK(renamed.json().at("name") == "New");
    CHECK(patch("/name", "New").status == 200);
    CHECK(patch("/description", "text").json().at("description") == "text");
    CHECK(patch("/name", "Taken").status == 409);
    CHECK(patch("/name", "a/b").status == 400);
    CHECK(patch("/type", "shared").status == 400);
    CHECK(patch("/ownerId", "nobody").status == 400);
    CHECK(cloud.call(tenant, "PATCH", path, operation("add", "/name", "x")).status == 400);
    auto const put = cloud.call(tenant, "PUT", path, {{"name", "Newer"}});
    REQUIRE(put.status == 200);
    CHECK(put.json().at("name") == "Newer");
    CHECK(put.json().at("description") == "");
    CHECK(cloud.call(tenant, "PUT", path, {{"name", "Taken"}}).status == 409);
    CHECK(cloud.call(tenant, "PUT", path, {{"description", "x"}}).status == 400);
    CHECK(cloud.call(tenant, "PUT", path, {{"name", "x"}, {"type", "shared"}}).status == 400);
  }

  TEST_CASE("patch: a new owner loses the assignment, and the old one all implied roles") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const user = id_in(cloud.call(tenant, "POST", "/api/v1/users", {{"subject", "idp\\ann"}}));
    auto const given = assignment("user", user, {"consumer"});
    REQUIRE(cloud.call(tenant, "POST", assignments_of(space), given).status == 201);
    auto const moved = cloud.call(tenant, "PATCH", fmt::format("{}/{}", kSpaces, space),
                                  operation("replace", "/ownerId", Value(user)));
    REQUIRE(moved.status == 200);
    CHECK(text(moved.json(), "ownerId") == user);
    CHECK(moved.json().at("meta").at("roles").as_array().empty());
    auto const listed = cloud.call(tenant, "GET", assignments_of(space)).json();
    CHECK(listed.at("data").as_array().empty());
  }

  TEST_CASE("delete: 204, then 404; its assignments go with it") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const group = make_group(cloud, tenant, "g");
    auto const given = assignment("group", group, {"consumer"});
    REQUIRE(cloud.call(tenant, "POST", assignments_of(space), given).status == 201);
    auto const path = fmt::format("{}/{}", kSpaces, space);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
    CHECK(cloud.call(tenant, "GET", path).status == 404);
    CHECK(cloud.call(tenant, "GET", assignments_of(space)).status == 404);
    auto const snapshot = cloud.control("GET", "snapshot").json();
    CHECK(snapshot.at("tenants").at(0).at("spaceAssignments").as_array().empty());
  }

  TEST_CASE("get: 404 for a space that the caller has no role in, 403 for changing one") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const path = fmt::format("{}/{}", kSpaces, space);
    auto const visitor = make_visitor(cloud, tenant);
    auto const call = [&](std::string_view method, std::string_view target, Value const& body) {
      return cloud.call(tenant.host, visitor.token, method, target, body);
    };
    CHECK(call("GET", path, {}).status == 404);
    CHECK(call("GET", kSpaces, {}).json().at("data").as_array().empty());
    auto const given = assignment("bot", visitor.user, {"facilitator"});
    REQUIRE(cloud.call(tenant, "POST", assignments_of(space), given).status == 201);
    auto const seen = call("GET", path, {});
    REQUIRE(seen.status == 200);
    CHECK(boost::json::serialize(seen.json().at("meta").at("roles")) == R"(["facilitator"])");
    CHECK(call("GET", kSpaces, {}).json().at("data").as_array().size() == 1);
    CHECK(call("POST", kSpaces, {{"name", "x"}, {"type", "shared"}}).status == 403);
    CHECK(call("DELETE", path, {}).status == 403);
  }
}

TEST_SUITE("emulator/space_assignments") {
  TEST_CASE("create: one per assignee, with roles of the space's type") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales", "shared");
    auto const group = make_group(cloud, tenant, "g");
    auto const create = [&](std::string_view type, std::string_view assignee, Array roles) {
      return cloud.call(tenant, "POST", assignments_of(space),
                        assignment(type, assignee, std::move(roles)));
    };
    CHECK(create("group", group, {"datapreview"}).status == 400);  // a role of data spaces
    CHECK(create("group", group, {"owner"}).status == 400);
    CHECK(create("group", group, {}).status == 400);
    CHECK(create("link", group, {"consumer"}).status == 400);
    CHECK(create("group", "nobody", {"consumer"}).status == 404);
    CHECK(create("user", group, {"consumer"}).status == 404);
    auto const made = create("group", group, {"consumer", "producer", "consumer"});
    REQUIRE(made.status == 201);
    CHECK(boost::json::serialize(made.json().at("roles")) == R"(["consumer","producer"])");
    CHECK(text(made.json(), "spaceId") == space);
    CHECK(create("group", group, {"facilitator"}).status == 409);
    CHECK(create("group", "000000000000000000000001", {"consumer"}).status == 201);
    auto const owner = text(made.json(), "createdBy");
    CHECK(create("user", owner, {"consumer"}).status == 409);
    CHECK(
        cloud.call(tenant, "POST", assignments_of("none"), assignment("group", group, {"consumer"}))
            .status == 404);
  }

  TEST_CASE("create: type bot is the bot user of an OAuth client only") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const visitor = make_visitor(cloud, tenant);
    auto const user = id_in(cloud.call(tenant, "POST", "/api/v1/users", {{"subject", "idp\\ann"}}));
    auto const create = [&](std::string const& assignee) {
      return cloud
          .call(tenant, "POST", assignments_of(space), assignment("bot", assignee, {"operator"}))
          .status;
    };
    CHECK(create(user) == 404);
    CHECK(create(visitor.user) == 201);
  }

  TEST_CASE("put: sets all roles") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const other = make_space(cloud, tenant, "Other");
    auto const group = make_group(cloud, tenant, "g");
    auto const made = cloud.call(tenant, "POST", assignments_of(space),
                                 assignment("group", group, {"consumer", "producer"}));
    auto const path = assignments_of(space) + "/" + id_in(made);
    auto const put = cloud.call(tenant, "PUT", path, {{"roles", {"operator"}}});
    REQUIRE(put.status == 200);
    CHECK(boost::json::serialize(put.json().at("roles")) == R"(["operator"])");
    CHECK(cloud.call(tenant, "GET", path).json().at("roles") == put.json().at("roles"));
    CHECK(cloud.call(tenant, "PUT", path, {{"roles", {"codeveloper"}}}).status == 400);
    CHECK(cloud.call(tenant, "PUT", path, {{"roles", Array{}}}).status == 400);
    CHECK(cloud.call(tenant, "PUT", path, Object{}).status == 400);
    CHECK(cloud.call(tenant, "PUT", path, {{"type", "user"}, {"roles", {"operator"}}}).status ==
          400);
    auto const elsewhere = assignments_of(other) + "/" + id_in(made);
    CHECK(cloud.call(tenant, "GET", elsewhere).status == 404);
    CHECK(cloud.call(tenant, "DELETE", path).status == 204);
    CHECK(cloud.call(tenant, "DELETE", path).status == 404);
  }

  TEST_CASE("list: filtered by assignee and its type, ten a page") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    std::string group;
    for (int i = 0; i < 11; ++i) {
      group = make_group(cloud, tenant, fmt::format("g{}", i));
      auto const given = assignment("group", group, {"consumer"});
      REQUIRE(cloud.call(tenant, "POST", assignments_of(space), given).status == 201);
    }
    auto const list = [&](std::string_view query) {
      return cloud.call(tenant, "GET", fmt::format("{}?{}", assignments_of(space), query));
    };
    CHECK(list("").json().at("data").as_array().size() == 10);
    CHECK(list("").json().at("meta").at("count") == 11);
    CHECK(list("type=group&limit=100").json().at("data").as_array().size() == 11);
    CHECK(list("type=user").json().at("data").as_array().empty());
    CHECK(list("type=link").status == 400);
    auto const one = list("assigneeId=" + group).json();
    REQUIRE(one.at("data").as_array().size() == 1);
    CHECK(text(one.at("data").at(0), "assigneeId") == group);
  }

  TEST_CASE("delete of a group or user: its assignments go") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const space = make_space(cloud, tenant, "Sales");
    auto const group = make_group(cloud, tenant, "g");
    auto const user = id_in(cloud.call(tenant, "POST", "/api/v1/users", {{"subject", "idp\\ann"}}));
    auto const count = [&] {
      auto const listed = cloud.call(tenant, "GET", assignments_of(space));
      return listed.json().at("data").as_array().size();
    };
    auto const to_group = assignment("group", group, {"consumer"});
    auto const to_user = assignment("user", user, {"consumer"});
    REQUIRE(cloud.call(tenant, "POST", assignments_of(space), to_group).status == 201);
    REQUIRE(cloud.call(tenant, "POST", assignments_of(space), to_user).status == 201);
    CHECK(count() == 2);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/groups/" + group).status == 204);
    CHECK(count() == 1);
    CHECK(cloud.call(tenant, "DELETE", "/api/v1/users/" + user).status == 204);
    CHECK(count() == 0);
  }
}
}  // namespace tenantry
