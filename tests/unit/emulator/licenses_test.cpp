#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;

namespace {

constexpr char kAssignments[] = "/api/v1/licenses/assignments";

/// The entries of a bulk call's answer.
Array act(EmulatedCloud& cloud, EmulatedTenant const& tenant, char const* action, Array entries) {
  auto const reply = cloud.call(tenant, "POST", fmt::format("{}/actions/{}", kAssignments, action),
                                Object{{action, std::move(entries)}});
  REQUIRE(reply.status == 207);
  return reply.json().at("data").as_array();
}

Object assignment(std::string_view subject, std::string_view type) {
  return {{"subject", subject}, {"type", type}};
}

std::int64_t units_used(EmulatedCloud& cloud, EmulatedTenant const& tenant, std::size_t index) {
  auto const overview = cloud.call(tenant, "GET", "/api/v1/licenses/overview").json();
  return overview.at("allotments").at(index).at("unitsUsed").to_number<std::int64_t>();
}

std::string names_in(Value const& page) {
  std::string names;
  for (auto const& entry : page.at("data").as_array()) {
    names += std::string(entry.at("subject").as_string()) + ' ';
  }
  return names;
}

}  // namespace

TEST_SUITE("emulator/licenses") {
  TEST_CASE("settings: PUT sets both, a missing one becomes false") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const put = [&](Value const& body) {
      return cloud.call(tenant, "PUT", "/api/v1/licenses/settings", body);
    };
    CHECK(put({{"autoAssignProfessional", true}}).status == 200);
    auto const read = cloud.call(tenant, "GET", "/api/v1/licenses/settings").json();
    CHECK(read == Value{{"autoAssignAnalyzer", false}, {"autoAssignProfessional", true}});
    CHECK(put({{"autoAssignAnalyzer", "yes"}}).status == 400);
  }

  TEST_CASE("add: one answer per entry, the user need not exist, a repetition takes no unit") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const added = act(cloud, tenant, "add",
                           {assignment("idp\\anna", "professional"), assignment("b", "viewer"),
                            assignment("idp\\anna", "professional")});
    REQUIRE(added.size() == 3);
    CHECK(added[0] == Value{{"subject", "idp\\anna"}, {"type", "professional"}, {"status", 201}});
    CHECK(added[1].at("status") == 403);
    CHECK(added[1].at("code") == "LICENSES-011");
    CHECK(added[2].at("status") == 201);
    CHECK(units_used(cloud, tenant, 0) == 1);
    CHECK(units_used(cloud, tenant, 1) == 0);
    auto const list = cloud.call(tenant, "GET", kAssignments).json();
    REQUIRE(list.at("data").as_array().size() == 1);
    CHECK(list.at("data").at(0).at("excess") == false);
    CHECK(list.at("data").at(0).as_object().size() == 4);
  }

  TEST_CASE("add: what is malformed is refused as a whole") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const status = [&](Value const& body) {
      return cloud.call(tenant, "POST", "/api/v1/licenses/assignments/actions/add", body).status;
    };
    CHECK(status({{"add", Array{assignment("a", "analyzer"), Object{{"subject", "b"}}}}}) == 400);
    CHECK(status(Object()) == 400);
    CHECK(status({{"add", Array{1}}}) == 400);
    CHECK(status({{"delete", Array()}}) == 400);
    CHECK(units_used(cloud, tenant, 1) == 0);
  }

  TEST_CASE("add: the units of a licence are shared by its tenants, and end") {
    EmulatedCloud cloud;
    auto const first = cloud.create_tenant();
    auto const second = cloud.create_tenant();
    Array all;
    for (int i = 0; i < 1000; ++i) all.push_back(assignment(fmt::format("u{}", i), "analyzer"));
    CHECK(act(cloud, first, "add", std::move(all)).back().at("status") == 201);
    auto const over = act(cloud, second, "add", {assignment("x", "analyzer")});
    CHECK(over[0].at("status") == 403);
    CHECK(over[0].at("code") == "LICENSES-011");
    CHECK(units_used(cloud, second, 1) == 1000);
    CHECK(act(cloud, second, "add", {assignment("x", "professional")})[0].at("status") == 201);
    auto const upgrade =
        act(cloud, second, "update",
            {Object{{"subject", "x"}, {"type", "analyzer"}, {"sourceType", "professional"}}});
    CHECK(upgrade[0].at("status") == 403);
  }

  TEST_CASE("delete: frees the unit, 404 for what is not assigned") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    act(cloud, tenant, "add", {assignment("a", "analyzer")});
    auto const removed =
        act(cloud, tenant, "delete", {assignment("a", "analyzer"), assignment("a", "analyzer")});
    CHECK(removed[0].at("status") == 200);
    CHECK(removed[1].at("status") == 404);
    CHECK(removed[1].at("code") == "LICENSES-016");
    CHECK(units_used(cloud, tenant, 1) == 0);
  }

  TEST_CASE("update: changes the type or moves an assignment to another subject") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    act(cloud, tenant, "add", {assignment("a", "analyzer")});
    auto const changed =
        act(cloud, tenant, "update",
            {Object{{"subject", "a"}, {"type", "professional"}, {"sourceType", "analyzer"}},
             Object{{"subject", "b"}, {"type", "professional"}, {"sourceSubject", "a"}},
             Object{{"subject", "a"}, {"type", "analyzer"}}});
    CHECK(changed[0].at("status") == 200);
    CHECK(changed[0].at("sourceType") == "analyzer");
    CHECK(changed[1].at("status") == 200);
    CHECK(changed[2].at("status") == 404);
    CHECK(names_in(cloud.call(tenant, "GET", kAssignments).json()) == "b ");
    CHECK(units_used(cloud, tenant, 0) == 1);
    CHECK(units_used(cloud, tenant, 1) == 0);
  }

  TEST_CASE("list: pages both ways with the one parameter page") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    Array all;
    for (auto const* name : {"a", "b", "c", "d", "e"}) all.push_back(assignment(name, "analyzer"));
    act(cloud, tenant, "add", std::move(all));
    auto const get = [&](std::string const& target) {
      auto const reply = cloud.call(tenant, "GET", target);
      REQUIRE(reply.status == 200);
      return reply.json();
    };
    auto const follow = [&](Value const& page, char const* link) {
      std::string const href(page.at("links").at(link).at("href").as_string());
      return get(href.substr(href.find("/api/")));
    };
    auto const first = get(fmt::format("{}?limit=2", kAssignments));
    CHECK(names_in(first) == "a b ");
    CHECK_FALSE(first.at("links").as_object().contains("prev"));
    auto const second = follow(first, "next");
    CHECK(names_in(second) == "c d ");
    auto const third = follow(second, "next");
    CHECK(names_in(third) == "e ");
    CHECK_FALSE(third.at("links").as_object().contains("next"));
    CHECK(names_in(follow(third, "prev")) == "c d ");
    CHECK(names_in(follow(follow(third, "prev"), "prev")) == "a b ");
    CHECK(cloud.call(tenant, "GET", fmt::format("{}?page=2", kAssignments)).status == 400);
    CHECK(cloud.call(tenant, "GET", fmt::format("{}?limit=101", kAssignments)).status == 400);
  }

  TEST_CASE("list: orphans are the subjects without a user in this tenant") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const other = cloud.create_tenant();
    CHECK(cloud.call(tenant, "POST", "/api/v1/users", {{"subject", "a"}}).status == 201);
    act(cloud, tenant, "add", {assignment("a", "analyzer"), assignment("b", "analyzer")});
    auto const orphans = fmt::format("{}?orphans=true", kAssignments);
    CHECK(names_in(cloud.call(tenant, "GET", kAssignments).json()) == "a b ");
    CHECK(names_in(cloud.call(tenant, "GET", orphans).json()) == "b ");
    CHECK(names_in(cloud.call(other, "GET", orphans).json()) == "a b ");
  }

  TEST_CASE("purge: a tenant's end does not free what was assigned, and a restart keeps it") {
    test::TempFolder const folder;
    emulator::Options options;
    options.data_file = folder.path() / "emulator.db";
    {
      EmulatedCloud cloud(options);
      auto const tenant = cloud.create_tenant();
      act(cloud, tenant, "add", {assignment("a", "professional")});
      std::string const host = "register.eu.qlikcloud.com";
      CHECK(cloud
                .call(host, cloud.token(host), "POST",
                      fmt::format("/api/v1/tenants/{}/actions/deactivate", tenant.id),
                      {{"purgeAfterDays", 10}}, {{"qlik-confirm-hostname", tenant.host}})
                .status == 200);
      cloud.control("POST", "clock", {{"advanceSeconds", 10 * 86400}});
    }
    EmulatedCloud cloud(options);
    CHECK(units_used(cloud, cloud.create_tenant(), 0) == 1);
    CHECK(cloud.control("POST", "reset").status == 204);
    CHECK(units_used(cloud, cloud.create_tenant(), 0) == 0);
  }
}
}  // namespace tenantry
