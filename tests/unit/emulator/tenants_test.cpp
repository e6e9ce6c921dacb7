#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

std::string code_of(test::HttpReply const& reply) {
  return std::string(reply.json().at("errors").at(0).at("code").as_string());
}

constexpr char kRegister[] = "register.eu.qlikcloud.com";
constexpr char kConsole[] = "console.qlikcloud.com";

}  // namespace

TEST_SUITE("emulator/tenants") {
  TEST_CASE("create: a tenant gets a generated host name in the region and is usable at once") {
    EmulatedCloud cloud;
    auto const reply = cloud.call(kRegister, cloud.token(kRegister), "POST", "/api/v1/tenants",
                                  {{"licenseKey", emulator::kLicenseKey}});
    REQUIRE(reply.status == 201);
    auto const tenant = reply.json();
    std::string const host(tenant.at("hostnames").at(0).as_string());
    CHECK(host == fmt::format("{}.eu.qlikcloud.com", std::string(tenant.at("name").as_string())));
    CHECK(tenant.at("status") == "active");
    CHECK(tenant.at("id").as_string().size() == 32);
    auto const token = cloud.token(host);
    REQUIRE_FALSE(token.empty());
    auto const me = cloud.call(host, token, "GET", "/api/v1/tenants/me");
    CHECK(me.status == 302);
    CHECK(me.headers.at("location") == fmt::format("http://{}/api/v1/tenants/{}", host,
                                                   std::string(tenant.at("id").as_string())));
  }

  TEST_CASE("create: the licence key is checked") {
    EmulatedCloud cloud;
    auto const token = cloud.token(kRegister);
    auto const create = [&](Value const& body) {
      return cloud.call(kRegister, token, "POST", "/api/v1/tenants", body);
    };
    auto const none = create({{"datacenter", "eu-west-1"}});
    CHECK(none.status == 400);
    CHECK(code_of(none) == "TENANTS-21");
    auto const wrong = create({{"licenseKey", "no such key"}});
    CHECK(wrong.status == 403);
    CHECK(code_of(wrong) == "TENANTS-23");
    CHECK(create({{"licenseKey", "emulator-license-1"}}).status == 201);
    auto const over = create({{"licenseKey", "emulator-license-1"}});
    CHECK(over.status == 403);
    CHECK(code_of(over) == "TENANTS-22");
  }

  TEST_CASE("patch: the alias leads to the tenant and is unique in the region") {
    EmulatedCloud cloud;
    auto const first = cloud.create_tenant();
    auto const second = cloud.create_tenant();
    auto const alias = [](char const* name) {
      return Value(Array{{{"op", "replace"}, {"path", "/hostnames/1"}, {"value", name}}});
    };
    auto const path = [](test::EmulatedTenant const& t) { return "/api/v1/tenants/" + t.id; };
    CHECK(cloud.call(first, "PATCH", path(first), alias("acme.eu.qlikcloud.com")).status == 204);
    CHECK(cloud.call("ACME.eu.qlikcloud.com:8480", first.token, "GET", path(first)).status == 200);
    auto const taken = cloud.call(second, "PATCH", path(second), alias("Acme.eu.qlikcloud.com"));
    CHECK(taken.status == 400);
    CHECK(code_of(taken) == "TENANTS-10");
    CHECK(cloud.call(second, "PATCH", path(second), alias("x.eu.qlikcloud.com")).status == 400);
    CHECK(cloud.call(second, "PATCH", path(second), alias("acme.us.qlikcloud.com")).status == 400);
    CHECK(cloud.call(first, "PATCH", path(first), alias("other.eu.qlikcloud.com")).status == 204);
    CHECK(cloud.call(second, "PATCH", path(second), alias("acme.eu.qlikcloud.com")).status == 204);
  }

  TEST_CASE(
      "deactivate: the tenant answers 401 until it is reactivated, and is purged in the end") {
    EmulatedCloud cloud;
    auto const tenant = cloud.create_tenant();
    auto const token = cloud.token(kRegister);
    auto const act = [&](char const* action, char const* host, Value const& body = {}) {
      return cloud.call(kRegister, token, "POST",
                        fmt::format("/api/v1/tenants/{}/actions/{}", tenant.id, action), body,
                        {{"qlik-confirm-hostname", host}});
    };
    CHECK(act("deactivate", "other.eu.qlikcloud.com").status == 412);
    CHECK(act("deactivate", tenant.host.c_str(), {{"purgeAfterDays", 9}}).status == 400);
    CHECK(act("deactivate", tenant.host.c_str(), {{"purgeAfterDays", 10}}).status == 200);
    auto const refused = cloud.call(tenant, "GET", "/api/v1/groups");
    CHECK(refused.status == 401);
    CHECK(code_of(refused) == "TENANT_DEACTIVATED");
    CHECK(cloud.token(tenant.host).empty());
    CHECK(act("reactivate", tenant.host.c_str()).status == 200);
    CHECK(cloud.call(tenant, "GET", "/api/v1/groups").status == 200);
    CHECK(act("deactivate", tenant.host.c_str(), {{"purgeAfterDays", 10}}).status == 200);
    CHECK(cloud.control("POST", "clock", {{"advanceSeconds", 10 * 86400}}).status == 200);
    CHECK(cloud.call(tenant, "GET", "/api/v1/groups").status == 404);
  }

  TEST_CASE("organization: the console lists the tenants of all regions") {
    EmulatedCloud cloud;
    auto const first = cloud.create_tenant("eu");
    auto const second = cloud.create_tenant("us");
    auto const token = cloud.token(kConsole);
    auto const all =
        cloud.call(kConsole, token, "GET", "/api/core/tenants?totalResults=true&limit=1");
    REQUIRE(all.status == 200);
    CHECK(all.json().at("totalResults") == 2);
    auto const next = all.json().at("links").at("next").at("href");
    CHECK(std::string(next.as_string())
              .starts_with("http://console.qlikcloud.com/api/core/tenants?"));
    auto const one =
        cloud.call(kConsole, token, "GET",
                   fmt::format("/api/core/tenants?filter=hostnames%20eq%20%22{}%22", second.host));
    REQUIRE(one.status == 200);
    REQUIRE(one.json().at("data").as_array().size() == 1);
    CHECK(one.json().at("data").at(0).at("id") == second.id.c_str());
    auto const foreign = cloud.call(kConsole, token, "GET",
                                    "/api/core/tenants?filter=subscriptionId%20eq%20%22x%22");
    CHECK(foreign.status == 403);
  }
}
}  // namespace tenantry
