#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {
namespace {

ResourceType const& space() { return qlik::space_type(); }

constexpr auto kAssignments = "/api/v1/spaces/s1/assignments";
constexpr auto kGroupId = "507f191e810c19729de860ea";

std::string list_of(std::string const& path) { return "GET " + path + "?limit=100"; }

}  // namespace

TEST_SUITE("qlik spaces") {
  TEST_CASE("list: one call per page, nothing of assignments") {
    KindFixture f;
    f.session.on("GET /api/v1/spaces?limit=100", 200,
                 R"({"data": [{"id": "s1", "name": "Sales", "type": "data", "ownerId": "u1",
                     "updatedAt": "2026-01-02T00:00:00Z", "meta": {"roles": []}}], "links": {}})");
    auto const spaces = run(space().list(f.session));
    REQUIRE(spaces.has_value());
    REQUIRE(spaces->size() == 1);
    CHECK((*spaces)[0].id == RemoteId("s1"));
    CHECK((*spaces)[0].updated_at == "2026-01-02T00:00:00Z");
    CHECK(canonical((*spaces)[0].attributes) == R"({"name":"Sales","type":"data"})");
    CHECK(space().has_detail());
  }

  TEST_CASE("detail: assignments by assignee and roles") {
    KindFixture f;
    f.session.on(list_of(kAssignments), 200,
                 R"({"data": [{"id": "a1", "type": "user", "assigneeId": "u1", "spaceId": "s1",
                     "roles": ["producer", "consumer"]}], "links": {}})");
    RemoteObject listed{RemoteId("s1"), object(R"({"name": "Sales"})")};
    auto const detailed = run(space().detail(f.session, listed));
    REQUIRE(detailed.has_value());
    CHECK(canonical(detailed->attributes) ==
          R"({"assignments":[{"assigneeId":"u1","roles":["consumer","producer"],"type":"user"}],)"
          R"("name":"Sales"})");
  }

  TEST_CASE("read: tells the assignments as well") {
    KindFixture f;
    f.session.on("GET /api/v1/spaces/s1", 200, R"({"id": "s1", "name": "Sales"})")
        .on(list_of(kAssignments), 200, R"({"data": [], "links": {}})");
    auto const read = run(space().read(f.session, RemoteId("s1")));
    REQUIRE(read.has_value());
    CHECK(canonical(read->attributes) == R"({"assignments":[],"name":"Sales"})");
  }

  TEST_CASE("create: the space, then each assignment with the id of its group") {
    KindFixture f;
    f.references.ids["groups/acme-analysts"] = kGroupId;
    f.session.on("POST /api/v1/spaces", 201, R"({"id": "s1", "name": "Sales", "type": "shared"})")
        .on(std::string("POST ") + kAssignments, 201, "{}")
        .on(std::string("POST ") + kAssignments, 201, "{}");
    auto const planned = object(R"({"name": "Sales", "type": "shared", "assignments": [
        {"type": "group", "assigneeId": "acme-analysts", "roles": ["consumer"]},
        {"type": "user", "assigneeId": "u1", "roles": ["producer", "consumer"]}]})");
    auto const created = run(space().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("s1"));
    CHECK_FALSE(created->incomplete.has_value());
    CHECK(f.session.body(0) == R"({"name":"Sales","type":"shared"})");
    CHECK(f.session.body(1) ==
          R"({"assigneeId":"507f191e810c19729de860ea","roles":["consumer"],"type":"group"})");
    CHECK(f.session.body(2) ==
          R"({"assigneeId":"u1","roles":["consumer","producer"],"type":"user"})");
  }

  TEST_CASE("create: a group that is none is said before any call") {
    KindFixture f;
    auto const planned = object(R"({"name": "Sales", "type": "shared", "assignments": [
        {"type": "group", "assigneeId": "nobody", "roles": ["consumer"]}]})");
    auto const created = run(space().create(f.operation(), planned));
    REQUIRE(created.has_error());
    CHECK(created.error().code == Errc::not_found);
    CHECK(f.session.calls.empty());
  }

  TEST_CASE("create: a space whose assignment failed is not lost, and tells what it has") {
    KindFixture f;
    f.session.on("POST /api/v1/spaces", 201, R"({"id": "s1", "name": "Sales"})")
        .on(std::string("POST ") + kAssignments, Errc::forbidden)
        .on(list_of(kAssignments), 200, R"({"data": [], "links": {}})");
    auto const planned = object(R"({"name": "Sales", "type": "shared", "assignments": [
        {"type": "user", "assigneeId": "u1", "roles": ["consumer"]}]})");
    auto const created = run(space().create(f.operation(), planned));
    REQUIRE(created.has_value());
    CHECK(created->object.id == RemoteId("s1"));
    REQUIRE(created->incomplete.has_value());
    CHECK(created->incomplete->message == "assignment of the user u1: scripted failure");
    CHECK(canonical(created->object.attributes.at("assignments")) == "[]");
  }

  TEST_CASE("update: assignments become what is written, by the fewest calls") {
    KindFixture f;
    f.references.ids["groups/analysts"] = kGroupId;
    auto const live = std::string(R"({"data": [
        {"id": "a1", "type": "group", "assigneeId": ")") +
                      kGroupId + R"(", "roles": ["consumer"]},
        {"id": "a2", "type": "user", "assigneeId": "u1", "roles": ["consumer", "producer"]},
        {"id": "a3", "type": "user", "assigneeId": "gone", "roles": ["consumer"]}], "links": {}})";
    f.session.on(list_of(kAssignments), 200, live)
        .on(std::string("PUT ") + kAssignments + "/a1", 200, "{}")
        .on(std::string("POST ") + kAssignments, 201, "{}")
        .on(std::string("DELETE ") + kAssignments + "/a3", 204);
    auto const changed = object(R"({"assignments": [
        {"type": "group", "assigneeId": "analysts", "roles": ["producer"]},
        {"type": "user", "assigneeId": "u1", "roles": ["producer", "consumer"]},
        {"type": "bot", "assigneeId": "b1", "roles": ["consumer"]}]})");
    REQUIRE(run(space().update(f.operation(), RemoteId("s1"), changed, changed)).has_value());
    CHECK(f.session.body(1) == R"({"roles":["producer"]})");
    CHECK(f.session.body(2) == R"({"assigneeId":"b1","roles":["consumer"],"type":"bot"})");
  }

  TEST_CASE("update: other attributes are patched alone, an absent description is an empty text") {
    KindFixture f;
    f.session.on("PATCH /api/v1/spaces/s1", 200, R"({"id": "s1", "name": "New"})");
    auto const changed = object(R"({"name": "New", "description": null})");
    auto const updated = run(space().update(f.operation(), RemoteId("s1"), changed, changed));
    REQUIRE(updated.has_value());
    CHECK(canonical(updated->attributes) == R"({"name":"New"})");
    CHECK(f.session.body(0) == R"([{"op":"replace","path":"/name","value":"New"},)"
                               R"({"op":"replace","path":"/description","value":""}])");
  }

  TEST_CASE("update: two names of one group are refused") {
    KindFixture f;
    f.references.ids["groups/analysts"] = kGroupId;
    auto const changed = object(std::string(R"({"assignments": [
        {"type": "group", "assigneeId": "analysts", "roles": ["producer"]},
        {"type": "group", "assigneeId": ")") +
                                kGroupId + R"(", "roles": ["consumer"]}]})");
    auto const updated = run(space().update(f.operation(), RemoteId("s1"), changed, changed));
    REQUIRE(updated.has_error());
    CHECK(updated.error().code == Errc::invalid);
  }

  TEST_CASE("remove: a space with content says what to do") {
    KindFixture f;
    f.session.on("DELETE /api/v1/spaces/s1", Errc::precondition)
        .on("DELETE /api/v1/spaces/s1", Errc::not_found);
    auto const removed = run(space().remove(f.operation(), RemoteId("s1")));
    REQUIRE(removed.has_error());
    CHECK(removed.error().hint.find("cannot be deleted by API") != std::string::npos);
    CHECK(run(space().remove(f.operation(), RemoteId("s1"))).has_value());
  }

  TEST_CASE("schema: names, roles of the type, and one assignment for each") {
    auto const& schema = space().schema();
    CHECK(problems(schema, R"({"name": "Finance (dev) 1", "type": "managed", "assignments": [
              {"type": "group", "assigneeId": "g", "roles": ["publisher", "operator"]},
              {"type": "user", "assigneeId": "g", "roles": ["consumer"]}]
  })")
              .empty());
    CHECK(problems(schema, R"({"name": "A/B", "type": "data"})") ==
          std::vector<std::string>{"/name: wrong form"});
    CHECK(problems(schema, R"({"name": "A"})") == std::vector<std::string>{": missing attribute"});
    CHECK(problems(schema, R"({"name": "A", "type": "shared", "assignments": [
              {"type": "group", "assigneeId": "g", "roles": ["publisher"]},
              {"type": "group", "assigneeId": "g", "roles": []}]})") ==
          std::vector<std::string>{"/assignments/0/roles/0: role of another type of space",
                                   "/assignments/1/roles: too few elements",
                                   "/assignments/1: assigned twice"});
  }
}
}  // namespace tenantry::test
