#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& role() { return qlik::role_type(); }

constexpr auto kUserDefault =
    R"({"data": [{"id": "r0", "name": "UserDefault", "type": "default", "description": "All",
        "assignedScopes": [], "canEdit": true}]})";

}  // namespace

TEST_SUITE("qlik roles") {
  TEST_CASE("list: every page, default roles as built in, only what the schema knows") {
    KindFixture f;
    f.session
        .on("GET /api/v1/roles?limit=100", 200,
            R"({"data": [{"id": "507f191e810c19729de860ea", "name": "Author", "type": "custom",
                "level": "user", "description": "Writes", "assignedScopes": ["automations"],
                "lastUpdatedAt": "2026-01-02T03:04:05Z", "updatedBy": "u1"}],
                "links": {"next": {"href":
                "https://acme.eu.qlikcloud.com/api/v1/roles?limit=100&next=abc"}}})")
        .on("GET /api/v1/roles?limit=100&next=abc", 200,
            R"({"data": [{"id": "507f191e810c19729de860eb", "name": "TenantAdmin",
                "type": "default", "description": ""}], "links": {"self": {"href": "x"}}})");
    auto const roles = run(role().list(f.session));
    REQUIRE(roles.has_value());
    REQUIRE(roles->size() == 2);
    auto const& author = (*roles)[0];
    CHECK(author.id == RemoteId("507f191e810c19729de860ea"));
    CHECK_FALSE(author.built_in);
    CHECK(canonical(author.attributes) ==
          R"({"assignedScopes":["automations"],"description":"Writes","name":"Author"})");
    CHECK(author.updated_at == "2026-01-02T03:04:05Z");
    CHECK(author.updated_by == "u1");
    CHECK((*roles)[1].built_in);
  }

  TEST_CASE("read: an answer without an id is refused") {
    KindFixture f;
    f.session.on("GET /api/v1/roles/r1", 200, R"({"name": "x"})");
    auto const read = run(role().read(f.session, RemoteId("r1")));
    REQUIRE(read.has_error());
    CHECK(read.error().code == Errc::protocol);
  }

  TEST_CASE("list: an element without an id is refused") {
    KindFixture f;
    f.session.on("GET /api/v1/roles?limit=100", 200, R"({"data": [{"name": "x"}]})");
    auto const roles = run(role().list(f.session));
    REQUIRE(roles.has_error());
    CHECK(roles.error().code == Errc::protocol);
  }

  TEST_CASE("create: sends what is written and takes the id from the answer") {
    KindFixture f;
    f.session.on("POST /api/v1/roles", 201, R"({"id": "r1", "name": "Author", "type": "custom"})");
    auto const planned = object(R"({"name": "Author", "assignedScopes": ["automations"]})");
    auto const created = run(role().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("r1"));
    CHECK_FALSE(created->secret.has_value());
    CHECK(f.session.body(0) == R"({"assignedScopes":["automations"],"name":"Author"})");
    CHECK_FALSE(f.session.calls[0].repeatable);
  }

  TEST_CASE("create: an answer without an id counts as lost, since the role exists") {
    KindFixture f;
    f.session.on("POST /api/v1/roles", 201, R"({"name": "Author"})");
    auto const created = run(role().create(f.operation(), object(R"({"name": "Author"})")));
    REQUIRE(created.has_error());
    CHECK(created.error().code == Errc::lost_reply);
    CHECK(created.error().outcome_unknown());
  }

  TEST_CASE("update: replaces the changed attributes only") {
    KindFixture f;
    f.session.on("PATCH /api/v1/roles/r1", 204);
    auto const planned = object(R"({"name": "Author", "description": "new"})");
    auto const changed = object(R"({"description": "new"})");
    auto const updated = run(role().update(f.operation(), RemoteId("r1"), planned, changed));
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.empty());
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/description","value":"new"}])");
    CHECK(f.session.calls[0].repeatable);
  }

  TEST_CASE("remove: a role that is already gone counts as deleted") {
    KindFixture f;
    f.session.on("DELETE /api/v1/roles/r1", Errc::not_found);
    CHECK(run(role().remove(f.operation(), RemoteId("r1"))).has_value());
  }

  TEST_CASE("remove: a role in use says what to do") {
    KindFixture f;
    f.session.on("DELETE /api/v1/roles/r1", Errc::forbidden);
    auto const removed = run(role().remove(f.operation(), RemoteId("r1")));
    REQUIRE(removed.has_error());
    CHECK(removed.error().hint.find("still has the role") != std::string::npos);
  }

  TEST_CASE("read: an id cannot leave its path segment") {
    KindFixture f;
    f.session.on("GET /api/v1/roles/..%2Fusers", 200, R"({"id": "../users", "name": "x"})");
    CHECK(run(role().read(f.session, RemoteId("../users"))).has_value());
  }

  TEST_CASE("schema: the name is required") {
    CHECK(problems(role().schema(), R"({"description": "x"})") ==
          std::vector<std::string>{": missing attribute"});
    CHECK(problems(role().schema(), R"({"name": "a", "assignedScopes": ["x"]})").empty());
  }

  TEST_CASE("UserDefault: a preset, of which only the scopes can change") {
    KindFixture f;
    f.session.on("GET /api/v1/roles?limit=100", 200, kUserDefault);
    auto const roles = run(role().list(f.session));
    REQUIRE(roles.has_value());
    REQUIRE(roles->size() == 1);
    auto const& live = (*roles)[0];
    CHECK(live.preset);
    CHECK_FALSE(live.built_in);
    auto const& schema = role().schema();
    CHECK(role().on_change(*schema.find("assignedScopes"), live.attributes).on_change ==
          OnChange::update);
    CHECK(role().on_change(*schema.find("description"), live.attributes).on_change ==
          OnChange::refuse);
    CHECK(role().permanent(live.attributes).has_value());
    CHECK_FALSE(role().permanent(object(R"({"name": "Author"})")).has_value());
  }

  TEST_CASE("create: UserDefault is found and given its scopes, never made") {
    KindFixture f;
    f.session.on("GET /api/v1/roles?limit=100", 200, kUserDefault)
        .on("PATCH /api/v1/roles/r0", 204);
    auto const planned = object(R"({"name": "UserDefault", "assignedScopes": ["automations"]})");
    auto const created = run(role().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("r0"));
    CHECK(canonical(created->object.attributes) ==
          R"({"assignedScopes":["automations"],"description":"All","name":"UserDefault"})");
    CHECK(f.session.body(1) ==
          R"([{"op":"replace","path":"/assignedScopes","value":["automations"]}])");
  }

  TEST_CASE("create: a UserDefault that is not there, or is to be another, is a clear error") {
    KindFixture f;
    f.session.on("GET /api/v1/roles?limit=100", 200, R"({"data": []})")
        .on("GET /api/v1/roles?limit=100", 200, kUserDefault);
    auto planned = object(R"({"name": "UserDefault", "assignedScopes": ["automations"]})");
    auto const absent = run(role().create(f.operation(), planned));
    REQUIRE(absent.has_error());
    CHECK(absent.error().code == Errc::not_found);
    planned["description"] = "Mine";
    auto const refused = run(role().create(f.operation(), planned));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::invalid);
  }
}
}  // namespace tenantry::test
