#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& group() { return qlik::group_type(); }
constexpr auto kAuthor = "507f191e810c19729de860ea";
constexpr auto kSteward = "507f191e810c19729de860eb";

ChangeRule rule(std::string_view attribute, std::string_view live) {
  return group().on_change(*group().schema().find(attribute), object(live));
}

}  // namespace

TEST_SUITE("qlik groups") {
  TEST_CASE("list: roles as id and name, system groups not asked for") {
    KindFixture f;
    f.session.on("GET /api/v1/groups?limit=100", 200,
                 R"({"data": [{"id": "g1", "name": "Analysts", "status": "active",
                     "providerType": "custom", "assignedRoles": [{"id": "r1", "name": "Author",
                     "type": "custom", "level": "user"}]}], "links": {}})");
    auto const groups = run(group().list(f.session));
    REQUIRE(groups.has_value());
    REQUIRE(groups->size() == 1);
    CHECK(canonical((*groups)[0].attributes) ==
          R"({"assignedRoles":[{"id":"r1","name":"Author"}],"name":"Analysts",)"
          R"("providerType":"custom"})");
  }

  TEST_CASE("create: roles by name, each once") {
    KindFixture f;
    f.session.on("POST /api/v1/groups", 201, R"({"id": "g1", "name": "Analysts"})");
    auto const planned =
        object(R"({"name": "Analysts", "assignedRoles": ["Steward", "Author", "Steward"]})");
    REQUIRE(run(group().create(f.operation(), planned)).has_value());
    CHECK(f.session.body(0) ==
          R"({"assignedRoles":[{"name":"Author"},{"name":"Steward"}],"name":"Analysts"})");
  }

  TEST_CASE("update: an id among the names turns all of them into ids") {
    KindFixture f;
    f.references.ids["roles/Author"] = kAuthor;
    f.session.on("PATCH /api/v1/groups/g1", 204);
    Object changed;
    changed["assignedRoles"] = Array{"Author", kSteward};
    REQUIRE(run(group().update(f.operation(), RemoteId("g1"), changed, changed)).has_value());
    CHECK(f.session.body(0) ==
          R"([{"op":"replace","path":"/assignedRoles","value":)"
          R"([{"id":"507f191e810c19729de860eb"},{"id":"507f191e810c19729de860ea"}]}])");
  }

  TEST_CASE("update: a name without an id among ids is an error before any call") {
    KindFixture f;
    Object changed;
    changed["assignedRoles"] = Array{"Author", kSteward};
    auto const updated = run(group().update(f.operation(), RemoteId("g1"), changed, changed));
    REQUIRE(updated.has_error());
    CHECK(updated.error().code == Errc::not_found);
    CHECK(f.session.calls.empty());
  }

  TEST_CASE("update: no roles is an empty list") {
    KindFixture f;
    f.session.on("PATCH /api/v1/groups/g1", 204);
    auto const changed = object(R"({"assignedRoles": []})");
    REQUIRE(run(group().update(f.operation(), RemoteId("g1"), changed, changed)).has_value());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/assignedRoles","value":[]}])");
  }

  TEST_CASE("on_change: of an idp group only the roles change in place") {
    for (auto const* live : {R"({"providerType": "idp"})", "{}"}) {
      CHECK(rule("name", live).on_change == OnChange::replace);
      CHECK(rule("description", live).on_change == OnChange::refuse);
      CHECK_FALSE(rule("description", live).reason.empty());
      CHECK(rule("assignedRoles", live).on_change == OnChange::update);
    }
    CHECK(rule("name", R"({"providerType": "custom"})").on_change == OnChange::update);
    CHECK(rule("description", R"({"providerType": "custom"})").on_change == OnChange::update);
    CHECK(rule("providerType", R"({"providerType": "custom"})").on_change == OnChange::replace);
  }

  TEST_CASE("remove: gone already is deleted, in use is an error") {
    KindFixture f;
    f.session.on("DELETE /api/v1/groups/g1", Errc::not_found)
        .on("DELETE /api/v1/groups/g1", Errc::rejected);
    CHECK(run(group().remove(f.operation(), RemoteId("g1"))).has_value());
    CHECK(run(group().remove(f.operation(), RemoteId("g1"))).has_error());
  }

  TEST_CASE("natural key: an unwritten providerType is the server's default") {
    CHECK(natural_key(group().schema(), object(R"({"name": "Analysts"})")) == "idp Analysts");
  }

  TEST_CASE("schema: provider types and the length of a name") {
    auto const long_name = std::string(257, 'x');
    CHECK(problems(group().schema(), R"({"name": ")" + long_name + R"("})") ==
          std::vector<std::string>{"/name: text too long"});
    CHECK(
        problems(group().schema(), R"({"name": "a", "providerType": "idpp"})") ==
        std::vector<std::string>{"/providerType: invalid value \"idpp\" (did you mean \"idp\"?)"});
  }
}
}  // namespace tenantry::test
