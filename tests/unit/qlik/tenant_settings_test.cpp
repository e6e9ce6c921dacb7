#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& settings() { return qlik::tenant_settings_type(); }

constexpr auto kPath = "/api/v1/tenant-settings";
std::string line(std::string_view verb) { return std::string(verb) + ' ' + kPath; }

constexpr auto kLive = R"({"id": "ts1", "tenantId": "t1", "createdBy": "u1",
    "updatedAt": "2026-01-02T00:00:00Z", "updatedBy": "u2", "releaseCadence": "monthly",
    "preferredStartPage": {"route": "/insights", "value": "analytics-hub"},
    "customizeNoAccess": {"linkEnabled": true, "message": "Ask us", "linkLabel": "Mail"}})";

}  // namespace

TEST_SUITE("qlik tenant settings") {
  TEST_CASE("list: the start page by its value; members that no request can set left out") {
    KindFixture f;
    f.session.on(line("GET"), 200, kLive);
    auto const all = run(settings().list(f.session));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    auto const& live = (*all)[0];
    CHECK(live.id == RemoteId("ts1"));
    CHECK_FALSE(live.preset);
    CHECK(live.updated_by == "u2");
    CHECK(canonical(live.attributes) ==
          R"({"customizeNoAccess":{"linkEnabled":true,"linkLabel":"Mail","message":"Ask us"},)"
          R"("preferredStartPage":"analytics-hub"})");
  }

  TEST_CASE("list: a tenant without settings has none, however it says so") {
    KindFixture f;
    f.session.on(line("GET"), Errc::not_found)
        .on(line("GET"), 200, R"({"preferredStartPage": {"value": "analytics-hub"}})")
        .on(line("GET"), Errc::forbidden);
    for (int answer = 0; answer < 2; ++answer) {
      auto const none = run(settings().list(f.session));
      REQUIRE(none.has_value());
      CHECK(none->empty());
    }
    CHECK(run(settings().list(f.session)).has_error());
  }

  TEST_CASE("create: by value; the id is the server's") {
    KindFixture f;
    f.session.on(line("POST"), 201, kLive);
    auto const planned = object(R"({"preferredStartPage": "analytics-hub"})");
    auto const created = run(settings().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("ts1"));
    CHECK(created->object.attributes.at("preferredStartPage") == Value("analytics-hub"));
    CHECK(f.session.body(0) == R"({"preferredStartPage":"analytics-hub"})");
  }

  TEST_CASE("update: set whether they are there or not; what is not written stays") {
    KindFixture f;
    f.session.on(line("GET"), 200, kLive).on(line("PATCH"), 200, kLive);
    auto const changed = object(R"({"preferredStartPage": "management-console",
        "customizeNoAccess": {"linkEnabled": false, "message": "Go away"}})");
    auto const updated = run(settings().update(f.operation(), RemoteId("ts1"), changed, changed));
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.contains("preferredStartPage"));
    CHECK(f.session.body(1) ==
          R"([{"op":"add","path":"/preferredStartPage","value":"management-console"},)"
          R"({"op":"add","path":"/customizeNoAccess","value":)"
          R"({"linkEnabled":false,"linkLabel":"Mail","message":"Go away"}}])");
  }

  TEST_CASE("update: null removes, and texts need no look before") {
    KindFixture f;
    f.session.on(line("PATCH"), 200, kLive);
    auto const changed = object(R"({"preferredStartPage": null})");
    CHECK(run(settings().update(f.operation(), RemoteId("ts1"), changed, changed)).has_value());
    CHECK(f.session.body(0) == R"([{"op":"remove","path":"/preferredStartPage"}])");
  }

  TEST_CASE("remove: back to the defaults; gone already is removed") {
    KindFixture f;
    f.session.on(line("DELETE"), 204).on(line("DELETE"), Errc::not_found);
    CHECK(run(settings().remove(f.operation(), RemoteId("ts1"))).has_value());
    CHECK(run(settings().remove(f.operation(), RemoteId("ts1"))).has_value());
  }

  TEST_CASE("schema: something must be written") {
    auto const& schema = settings().schema();
    CHECK(schema.singleton);
    CHECK(problems(schema, "{}") == std::vector<std::string>{": missing attribute"});
    CHECK(problems(schema, R"({"preferredStartPage": "management-console"})").empty());
    CHECK(problems(schema, R"({"customizeNoAccess": {"linkEnabled": true, "linkUrl": "x"}})") ==
          std::vector<std::string>{"/customizeNoAccess/linkUrl: wrong form"});
  }
}
}  // namespace tenantry::test
