#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& settings() { return qlik::group_settings_type(); }

constexpr auto kLive = R"({"tenantId": "t1", "autoCreateGroups": true, "syncIdpGroups": false,
    "systemGroups": {"000000000000000000000001": {"assignedRoles": []}}, "links": {}})";

}  // namespace

TEST_SUITE("qlik group settings") {
  TEST_CASE("list: one preset object without the system group") {
    KindFixture f;
    f.session.on("GET /api/v1/groups/settings", 200, kLive);
    auto const all = run(settings().list(f.session));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    CHECK((*all)[0].preset);
    CHECK((*all)[0].id == RemoteId("settings"));
    CHECK(canonical((*all)[0].attributes) == R"({"autoCreateGroups":true,"syncIdpGroups":false})");
    CHECK(settings().schema().singleton);
  }

  TEST_CASE("create, update: only what is written or changed is replaced") {
    KindFixture f;
    f.session.on("PATCH /api/v1/groups/settings", 204).on("PATCH /api/v1/groups/settings", 204);
    auto const planned = object(R"({"autoCreateGroups": true, "syncIdpGroups": true})");
    auto const created = run(settings().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("settings"));
    CHECK(created->object.attributes == planned);
    auto const changed = object(R"({"syncIdpGroups": false})");
    CHECK(
        run(settings().update(f.operation(), RemoteId("settings"), planned, changed)).has_value());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/autoCreateGroups","value":true},)"
                               R"({"op":"replace","path":"/syncIdpGroups","value":true}])");
    CHECK(f.session.body(1) == R"([{"op":"replace","path":"/syncIdpGroups","value":false}])");
  }

  TEST_CASE("remove: they are part of every tenant") {
    KindFixture f;
    CHECK(settings().permanent({}).has_value());
    CHECK(run(settings().remove(f.operation(), RemoteId("settings"))).has_error());
    CHECK(f.session.calls.empty());
  }
}
}  // namespace tenantry::test
