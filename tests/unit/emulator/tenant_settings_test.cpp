#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/core/value.hpp"
#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;

namespace {

constexpr auto kPath = "/api/v1/tenant-settings";

Value operation(std::string_view op, std::string_view path, Value value) {
  return Object{{"op", op}, {"path", path}, {"value", std::move(value)}};
}

struct Settings {
  EmulatedCloud cloud;
  test::EmulatedTenant tenant = cloud.create_tenant();

  test::HttpReply call(std::string_view method, Value const& body = {}) {
    return cloud.call(tenant, method, kPath, body);
  }
  unsigned patch(Array operations) {
    return static_cast<unsigned>(call("PATCH", std::move(operations)).status);
  }
};

}  // namespace

TEST_SUITE("emulator/tenant settings") {
  TEST_CASE("get: a new tenant has none, and nothing to change or delete") {
    Settings s;
    CHECK(s.call("GET").status == 404);
    CHECK(s.call("DELETE").status == 404);
    CHECK(s.patch({operation("add", "/preferredStartPage", "analytics-hub")}) == 404);
  }

  TEST_CASE("create: once, with one property at least; the start page is told with its route") {
    Settings s;
    CHECK(s.call("POST", Object{}).status == 400);
    CHECK(s.call("POST", {{"preferredStartPage", "nowhere"}}).status == 400);
    CHECK(s.call("POST", {{"customizeNoAccess", {{"message", "x"}}}}).status == 400);
    auto const made = s.call("POST", {{"preferredStartPage", "management-console"},
                                      {"customizeNoAccess", {{"linkEnabled", false}}}});
    REQUIRE(made.status == 201);
    auto const page = made.json().at("preferredStartPage");
    CHECK(canonical(page) == R"({"route":"/console","value":"management-console"})");
    CHECK(made.json().at("id") == s.call("GET").json().at("id"));
    CHECK(s.call("POST", {{"preferredStartPage", "analytics-hub"}}).status == 400);
  }

  TEST_CASE("patch: properties and their members, all or nothing") {
    Settings s;
    REQUIRE(s.call("POST", {{"preferredStartPage", "analytics-hub"}}).status == 201);
    CHECK(s.patch({operation("replace", "/customizeNoAccess", {{"linkEnabled", true}})}) == 400);
    CHECK(s.patch({operation("add", "/customizeNoAccess/message", "x")}) == 400);
    CHECK(s.patch({operation("add", "/customizeNoAccess", {{"linkEnabled", true}}),
                   operation("add", "/customizeNoAccess/message", "Ask us"),
                   operation("replace", "/preferredStartPage", "data-integration-hub")}) == 200);
    auto const read = s.call("GET").json();
    CHECK(read.at("preferredStartPage").at("route") == "/qdi");
    CHECK(canonical(read.at("customizeNoAccess")) == R"({"linkEnabled":true,"message":"Ask us"})");
    CHECK(s.patch({operation("replace", "/preferredStartPage", "analytics-hub"),
                   operation("replace", "/id", "x")}) == 400);
    CHECK(s.call("GET").json() == read);
    Array const removal{Object{{"op", "remove"}, {"path", "/preferredStartPage"}}};
    CHECK(s.patch(removal) == 200);
    CHECK_FALSE(s.call("GET").json().as_object().contains("preferredStartPage"));
    CHECK(s.patch(removal) == 400);
  }

  TEST_CASE("remove: they can be made again") {
    Settings s;
    REQUIRE(s.call("POST", {{"preferredStartPage", "analytics-hub"}}).status == 201);
    CHECK(s.call("DELETE").status == 204);
    CHECK(s.call("GET").status == 404);
    CHECK(s.call("POST", {{"preferredStartPage", "analytics-hub"}}).status == 201);
  }

  TEST_CASE("cross-region: makes the entry, and wants consent to enable") {
    Settings s;
    auto const toggle = [&](std::string_view action, bool value,
                            std::map<std::string, std::string> headers = {}) {
      return s.cloud.call(s.tenant, "POST", fmt::format("{}/actions/{}", kPath, action),
                          {{"value", value}}, std::move(headers));
    };
    CHECK(toggle("toggle-cross-region-inference", true).status == 400);
    CHECK(s.call("GET").status == 404);
    auto const on =
        toggle("toggle-cross-region-inference", true, {{"x-qlik-consent-verified", "true"}});
    REQUIRE(on.status == 200);
    CHECK(on.json().at("crossRegionDataProcessing") == true);
    auto const off = toggle("toggle-cross-region-data-processing", false);
    CHECK(off.json().at("crossRegionDataProcessing") == false);
    CHECK(off.json().at("id") == on.json().at("id"));
  }

  TEST_CASE("start pages: all but the console") {
    Settings s;
    auto const pages = s.cloud.call(s.tenant, "GET", std::string(kPath) + "/start-pages").json();
    CHECK(pages.at("defaultValue") == "analytics-hub");
    CHECK(pages.at("values").as_array().size() == 3);
  }
}
}  // namespace tenantry
