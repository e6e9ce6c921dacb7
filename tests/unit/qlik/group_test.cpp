#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& group() { return qlik::group_type(); }
constexpr auto kAuthor = "507f191e810c19729de860ea";
constexpr auto kSteward = "507f191e810c19729de860eb";
constexpr auto kEveryone = "000000000000000000000001";
constexpr auto kSettings =
    R"({"autoCreateGroups": false, "syncIdpGroups": false, "systemGroups": {
        "000000000000000000000001": {"id": "000000000000000000000001", "name": "com.qlik.Everyone",
        "assignedRoles": [{"id": "r1", "name": "Steward", "type": "default"}]}}})";

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
    REQUIRE(groups->size() == 2);
    CHECK(canonical((*groups)[0].attributes) ==
          R"({"assignedRoles":[{"id":"r1","name":"Author"}],"name":"Analysts",)"
          R"("providerType":"custom"})");
    CHECK_FALSE((*groups)[0].preset);
    CHECK((*groups)[1].id == RemoteId(kEveryone));
    CHECK((*groups)[1].preset);
    CHECK(canonical((*groups)[1].attributes) == R"({"name":"com.qlik.Everyone"})");
  }

  TEST_CASE("detail: the roles of Everyone come from the settings, other groups cost no call") {
    KindFixture f;
    RemoteObject const analysts{RemoteId("g1"), object(R"({"name": "Analysts"})")};
    CHECK(run(group().detail(f.session, analysts)).has_value());
    f.session.on("GET /api/v1/groups/settings", 200, kSettings);
    RemoteObject const everyone{RemoteId(kEveryone), object(R"({"name": "com.qlik.Everyone"})")};
    auto const detailed = run(group().detail(f.session, everyone));
    REQUIRE(detailed.has_value());
    CHECK(canonical(detailed->attributes) ==
          R"({"assignedRoles":[{"id":"r1","name":"Steward"}],"name":"com.qlik.Everyone"})");
    f.session.on("GET /api/v1/groups/settings", 200, kSettings);
    auto const read = run(group().read(f.session, RemoteId(kEveryone)));
    REQUIRE(read.has_value());
    CHECK(read->attributes == detailed->attributes);
    CHECK(read->preset);
    f.session.on("GET /api/v1/groups/settings", 200, R"({"autoCreateGroups": true})");
    CHECK(run(group().detail(f.session, everyone)).has_error());
  }

  TEST_CASE("Everyone: taken over and changed by the settings, its roles by id") {
    KindFixture f;
    f.references.ids["roles/Author"] = kAuthor;
    f.session.on("PATCH /api/v1/groups/settings", 204).on("PATCH /api/v1/groups/settings", 204);
    Object planned{{"name", "com.qlik.Everyone"}, {"assignedRoles", Array{"Author", kSteward}}};
    auto const created = run(group().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId(kEveryone));
    Object const changed{{"assignedRoles", Array{}}};
    CHECK(run(group().update(f.operation(), RemoteId(kEveryone), planned, changed)).has_value());
    auto const path = R"("path":"/systemGroups/000000000000000000000001/assignedRoles")";
    CHECK(f.session.body(0) == std::string(R"([{"op":"replace",)") + path + R"(,"value":[)" +
                                   R"({"id":"507f191e810c19729de860eb"},)" +
                                   R"({"id":"507f191e810c19729de860ea"}]}])");
    CHECK(f.session.body(1) == std::string(R"([{"op":"replace",)") + path + R"(,"value":[]}])");
    planned["assignedRoles"] = Array{"Nobody"};
    auto const unknown = run(group().create(f.operation(), planned));
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().code == Errc::not_found);
  }

  TEST_CASE("Everyone: only its roles can change, and it never goes") {
    auto const everyone = object(R"({"name": "com.qlik.Everyone"})");
    CHECK(rule("assignedRoles", R"({"name": "com.qlik.Everyone"})").on_change == OnChange::update);
    CHECK(rule("description", R"({"name": "com.qlik.Everyone"})").on_change == OnChange::refuse);
    CHECK(group().permanent(everyone).has_value());
    CHECK_FALSE(group().permanent(object(R"({"name": "Analysts"})")).has_value());
    CHECK(natural_key(group().schema(), everyone) == "idp com.qlik.Everyone");
    CHECK(
        problems(group().schema(), R"({"name": "com.qlik.Everyone", "providerType": "custom"})") ==
        std::vector<std::string>{"/providerType: attribute does not fit the group"});
    CHECK(problems(group().schema(), R"({"name": "com.qlik.Everyone", "assignedRoles": ["A"]})")
              .empty());
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
