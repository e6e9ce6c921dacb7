#include "providers/qlik/kinds.hpp"
#include "tests/unit/qlik/file_fixture.hpp"

namespace tenantry::test {
namespace {
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

ResourceType const& project() { return qlik::di_project_type(); }

std::string const kPath = "/api/v1/di-projects/p1";
std::string const kBindings = "GET " + kPath + "/bindings?recalculate=false";
std::string const kImport = "POST " + kPath + "/actions/import-async";
std::string const kAction = "GET /api/v1/di-projects/actions/a1?detailed=true";
std::string const kTasks = "GET " + kPath + "/di-tasks";

constexpr auto kAccepted = R"({"actionId": "a1"})";
constexpr auto kCompleted = R"({"type": "PROJECT_IMPORT", "state": "COMPLETED", "error": null})";
constexpr auto kProject =
    R"({"id": "p1", "name": "Sales", "type": "DATA_PIPELINE", "ownerId": "u1",
        "spaceId": "s1", "description": "D", "platformType": "SNOWFLAKE"})";
constexpr auto kSaved =
    R"({"variables": {"projectName": "Old", "other": null}, "nameToIdMap": {}})";

struct ProjectFixture : FileFixture {
  ProjectFixture() {
    references.ids["spaces/Pipelines"] = "s1";
    files.contents["package"] = {"PK-bytes", "sales.zip", "application/zip"};
  }
  /// The state of the task `id`, as the next call tells it.
  void runtime(std::string const& id, std::string_view readiness, std::string_view last_run) {
    session.on("GET " + kPath + "/di-tasks/" + id + "/runtime/state", 200,
               R"({"runReadiness": {"state": ")" + std::string(readiness) +
                   R"(", "message": "not prepared"}, "lastRun": {"state": ")" +
                   std::string(last_run) + "\"}}");
  }
  void tasks() {
    session.on(kTasks, 200,
               R"({"dataTasks": [{"id": "t1", "name": "Landing"}, {"id": "t2", "name": "Mart"}]})");
  }
  Result<Updated> update(std::string_view changed) {
    auto planned = object(changed);
    planned["name"] = "Sales";
    return run(project().update(operation(), RemoteId("p1"), planned, object(changed)));
  }
};

constexpr auto kPlanned =
    R"({"name": "Sales", "space": "Pipelines", "type": "DATA_PIPELINE", "platformConnection": "c1",
        "package": "sha256:1", "bindings": {"projectName": "Acme"}})";

}  // namespace

TEST_SUITE("qlik DI projects") {
  TEST_CASE("list: without pages; the space by its id and name") {
    ProjectFixture f;
    f.session.on("GET /api/v1/di-projects", 200, R"({"projects": [)" + std::string(kProject) + "]}")
        .on("GET /api/v1/spaces?type=data&limit=100", 200,
            R"({"data": [{"id": "s1", "name": "Pipelines"}]})");
    auto const all = run(project().list(f.session));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    CHECK(canonical((*all)[0].attributes) ==
          R"({"description":"D","name":"Sales","platformType":"SNOWFLAKE",)"
          R"("space":{"id":"s1","name":"Pipelines"},"type":"DATA_PIPELINE"})");
  }

  TEST_CASE("list: without a project nobody asks for spaces") {
    ProjectFixture f;
    f.session.on("GET /api/v1/di-projects", 200, R"({"projects": []})");
    CHECK(run(project().list(f.session))->empty());
  }

  TEST_CASE("read: a space that nobody may see has no name") {
    ProjectFixture f;
    f.session.on("GET /api/v1/di-projects/p1", 200, kProject)
        .on("GET /api/v1/spaces/s1", 200, R"({"id": "s1", "name": "Pipelines"})")
        .on("GET /api/v1/di-projects/p1", 200, kProject)
        .on("GET /api/v1/spaces/s1", Errc::not_found);
    auto const seen = run(project().read(f.session, RemoteId("p1")));
    REQUIRE(seen.has_value());
    CHECK(canonical(seen->attributes.at("space")) == R"({"id":"s1","name":"Pipelines"})");
    auto const hidden = run(project().read(f.session, RemoteId("p1")));
    REQUIRE(hidden.has_value());
    CHECK(canonical(hidden->attributes.at("space")) == R"({"id":"s1"})");
  }

  TEST_CASE("detail: the bindings as they are saved") {
    ProjectFixture f;
    f.session.on(kBindings, 200, kSaved);
    auto const whole = run(project().detail(f.session, {.id = RemoteId("p1"), .attributes = {}}));
    REQUIRE(whole.has_value());
    CHECK(canonical(whole->attributes) == R"({"bindings":{"other":null,"projectName":"Old"}})");
    CHECK(project().has_detail());
  }

  TEST_CASE("create: the project, its bindings, then the import") {
    ProjectFixture f;
    f.session.on("POST /api/v1/di-projects", 201, kProject)
        .on(kBindings, 200, R"({"variables": {}, "nameToIdMap": {}})")
        .on("PUT " + kPath + "/bindings", 200, "{}")
        .on(kImport, 202, kAccepted)
        .on(kAction, 200, kCompleted);
    auto const created = run(project().create(f.operation(), object(kPlanned)));
    REQUIRE(created.has_value());
    CHECK_FALSE(created->incomplete);
    CHECK(created->object.id.text() == "p1");
    CHECK(f.session.body(0) ==
          R"({"name":"Sales","platformConnection":"c1","space":"s1","type":"DATA_PIPELINE"})");
    CHECK(f.session.body(2) == R"({"variables":{"projectName":"Acme"}})");
    CHECK(f.form(3) == Lines{"zip sales.zip application/zip: PK-bytes"});
    CHECK(canonical(created->object.attributes.at("bindings")) == R"({"projectName":"Acme"})");
  }

  TEST_CASE("create: a space that does not exist is an error before any call") {
    ProjectFixture f;
    f.references.ids.clear();
    auto const created = run(project().create(f.operation(), object(kPlanned)));
    REQUIRE(created.has_error());
    CHECK(created.error().code == Errc::not_found);
  }

  TEST_CASE("create: a project whose import fails is not lost, and its report is told") {
    ProjectFixture f;
    f.session.on("POST /api/v1/di-projects", 201, kProject)
        .on(kBindings, 200, R"({"variables": {}})")
        .on("PUT " + kPath + "/bindings", 200, "{}")
        .on(kImport, 202, kAccepted)
        .on(kAction, 200,
            R"({"state": "FAILED", "error": {"code": "DI-12", "message": "Import failed",
                "details": "see tasks"}, "taskDetails": [
                {"name": "Landing", "taskId": "t1", "state": "FAILED",
                 "error": {"code": "DI-7", "message": "No connection", "details": ""}},
                {"name": "Mart", "taskId": "t2", "state": "COMPLETED", "error": null}]})");
    auto const created = run(project().create(f.operation(), object(kPlanned)));
    REQUIRE(created.has_value());
    CHECK(created->object.id.text() == "p1");
    CHECK(created->object.attributes.contains("bindings"));
    CHECK_FALSE(created->object.attributes.contains("package"));
    REQUIRE(created->incomplete);
    CHECK(created->incomplete->code == Errc::rejected);
    CHECK(created->incomplete->message ==
          "the import of the DI project \"Sales\" failed: DI-12: Import failed: see tasks; "
          "task Landing: DI-7: No connection");
    CHECK_FALSE(created->incomplete->hint.empty());
  }

  TEST_CASE("create: bindings that are refused leave the project without them") {
    ProjectFixture f;
    f.session.on("POST /api/v1/di-projects", 201, kProject)
        .on(kBindings, 200, R"({"variables": {}})")
        .on("PUT " + kPath + "/bindings", Errc::rejected);
    auto const created = run(project().create(f.operation(), object(kPlanned)));
    REQUIRE(created.has_value());
    CHECK(created->incomplete.has_value());
    CHECK_FALSE(created->object.attributes.contains("bindings"));
  }

  TEST_CASE("create: a call that fails makes no project") {
    ProjectFixture f;
    f.session.on("POST /api/v1/di-projects", Errc::rejected);
    CHECK(run(project().create(f.operation(), object(kPlanned))).has_error());
    f.session.on("POST /api/v1/di-projects", 201, "{}");
    auto const nameless = run(project().create(f.operation(), object(kPlanned)));
    REQUIRE(nameless.has_error());
    CHECK(nameless.error().code == Errc::lost_reply);
  }

  TEST_CASE("update: written bindings are joined with the live ones") {
    ProjectFixture f;
    f.session.on(kBindings, 200, kSaved).on("PUT " + kPath + "/bindings", 200, "{}");
    auto const updated = f.update(R"({"bindings": {"projectName": "Acme", "new": "1"}})");
    REQUIRE(updated.has_value());
    CHECK(f.session.body(1) == R"({"variables":{"new":"1","other":null,"projectName":"Acme"}})");
    CHECK(updated->attributes.contains("bindings"));
  }

  TEST_CASE("update: a package is imported, and looked at in longer and longer intervals") {
    ProjectFixture f;
    f.session.on(kImport, 202, kAccepted);
    for (int i = 0; i < 5; ++i) {
      f.session.on(kAction, 200,
                   R"({"state": "EXECUTING", "taskProgress": {"completed": 2, "failed": 1,
                       "executing": 3, "pending": 4}})");
    }
    f.session.on(kAction, 200, kCompleted);
    REQUIRE_FALSE(f.update(R"({"package": "sha256:2"})")->incomplete);
    CHECK(f.session.waits == std::vector<std::chrono::milliseconds>{250ms, 500ms, 1s, 2s, 4s});
    REQUIRE(f.told.size() == 5);
    CHECK(f.told[0] == "import: executing, 3 of 10 tasks");
  }

  TEST_CASE("update: an import waits a while for the end of one that is not ours") {
    ProjectFixture f;
    f.session.on(kImport, Errc::conflict).on(kImport, Errc::conflict);
    f.session.on(kImport, 202, kAccepted).on(kAction, 200, kCompleted);
    CHECK_FALSE(f.update(R"({"package": "sha256:2"})")->incomplete);

    ProjectFixture busy;
    for (int i = 0; i < 7; ++i) busy.session.on(kImport, Errc::conflict);
    auto const updated = busy.update(R"({"package": "sha256:2"})");
    REQUIRE(updated->incomplete);
    CHECK(updated->incomplete->code == Errc::conflict);
    CHECK(updated->incomplete->hint.find("run again") != std::string::npos);
    CHECK(updated->attributes.at("package") == "");  // so that the next plan imports it
  }

  TEST_CASE("update: an empty package imports nothing") {
    ProjectFixture f;
    auto const updated = f.update(R"({"package": ""})");
    REQUIRE(updated.has_value());
    CHECK_FALSE(updated->incomplete);
  }

  TEST_CASE("update: an import that does not end is left to Qlik Cloud after 30 minutes") {
    ProjectFixture f;
    f.session.on(kImport, 202, kAccepted);
    for (int i = 0; i < 126; ++i) f.session.on(kAction, 200, R"({"state": "PENDING"})");
    auto const updated = f.update(R"({"package": "sha256:2"})");
    REQUIRE(updated->incomplete);
    CHECK(updated->incomplete->message ==
          "the import of the DI project \"Sales\" has not ended after 30 minutes");
    CHECK(updated->incomplete->code == Errc::rejected);
  }

  TEST_CASE("update: bindings that were set before a failed import are told") {
    ProjectFixture f;
    f.session.on(kBindings, 200, kSaved)
        .on("PUT " + kPath + "/bindings", 200, "{}");
    for (int i = 0; i < 7; ++i) f.session.on(kImport, Errc::conflict);
    auto const updated = f.update(R"({"package": "sha256:2", "bindings": {"a": "b"}})");
    REQUIRE(updated.has_value());
    CHECK(updated->attributes.contains("bindings"));
    REQUIRE(updated->incomplete);
    CHECK(updated->incomplete->hint.starts_with("another import into the project"));
  }

  TEST_CASE("update: stop, import, prepare, start") {
    ProjectFixture f;
    f.meta = object(
        R"({"afterImport": {"stop": ["Landing", "Mart", "New"], "prepare": true,
            "start": ["Landing", "Mart"]}})");
    f.tasks();
    f.runtime("t1", "ALREADY_RUNNING", "RUNNING");
    f.session.on("POST " + kPath + "/di-tasks/t1/runtime/actions/stop", 204);
    f.runtime("t2", "READY_TO_RUN", "COMPLETED");
    f.runtime("t1", "NOT_RUNNABLE", "STOPPING");
    f.runtime("t1", "READY_TO_RUN", "CANCELED");
    f.session.on(kImport, 202, kAccepted)
        .on(kAction, 200, kCompleted)
        .on("POST " + kPath + "/actions/prepare", 202, R"({"actionId": "a2"})")
        .on("GET /api/v1/di-projects/actions/a2?detailed=true", 200, R"({"state": "COMPLETED"})");
    f.tasks();
    f.runtime("t1", "READY_TO_RUN", "CANCELED");
    f.session.on("POST " + kPath + "/di-tasks/t1/runtime/actions/start", 204);
    f.runtime("t2", "ALREADY_RUNNING", "RUNNING");
    auto const updated = f.update(R"({"package": "sha256:2"})");
    REQUIRE(updated.has_value());
    CHECK_FALSE(updated->incomplete);
    CHECK(f.session.waits == std::vector<std::chrono::milliseconds>{250ms});
    CHECK(f.session.body(8) == R"({"selectedTasks":[]})");
  }

  TEST_CASE("update: a task that cannot be started is named") {
    ProjectFixture f;
    f.meta = object(R"({"afterImport": {"start": ["Landin"]}})");
    f.session.on(kImport, 202, kAccepted).on(kAction, 200, kCompleted);
    f.tasks();
    auto const unknown = f.update(R"({"package": "sha256:2"})");
    REQUIRE(unknown->incomplete);
    CHECK(unknown->incomplete->message ==
          "the DI project \"Sales\" has no task \"Landin\" (did you mean \"Landing\"?)");
    f.meta = object(R"({"afterImport": {"start": ["Landing"]}})");
    f.session.on(kImport, 202, kAccepted).on(kAction, 200, kCompleted);
    f.tasks();
    f.runtime("t1", "NOT_RUNNABLE", "");
    auto const unprepared = f.update(R"({"package": "sha256:2"})");
    REQUIRE(unprepared->incomplete);
    CHECK(unprepared->incomplete->message ==
          "the task Landing of the DI project \"Sales\" cannot run: not prepared");
  }

  TEST_CASE("remove: no call does it") {
    ProjectFixture f;
    CHECK(project().permanent({}).has_value());
    CHECK(run(project().remove(f.operation(), RemoteId("p1"))).error().code == Errc::invalid);
  }

  TEST_CASE("export_package: the archive without bindings") {
    ProjectFixture f;
    Reply zip = empty_reply(200);
    zip.bytes = "PK\x03\x04rest";
    f.session.on("POST " + kPath + "/actions/export", zip);
    auto const exported = run(project().export_package(f.session, RemoteId("p1")));
    REQUIRE(exported.has_value());
    CHECK(*exported == "PK\x03\x04rest");
    CHECK(f.session.body(0) == R"({"includeBindings":false})");
    f.session.on("POST " + kPath + "/actions/export", 200, "{}");
    CHECK(run(project().export_package(f.session, RemoteId("p1"))).error().code == Errc::protocol);
    CHECK(run(qlik::brand_type().export_package(f.session, RemoteId("b1"))).error().code ==
          Errc::invalid);
  }

  TEST_CASE("schema: bindings are texts, and what cannot change says why") {
    CHECK(problems(project().schema(),
                   R"({"name": "S", "space": "p", "bindings": {"port": 1, "a": "b"}})") ==
          Lines{"/bindings/port: wrong type"});
    CHECK(problems(project().schema(),
                   R"({"name": "S", "space": "p", "afterImport": {"prepared": true}})") ==
          Lines{"/afterImport/prepared: unknown key \"prepared\" (did you mean \"prepare\"?)"});
    for (auto const name : {"name", "space", "type", "description", "platformType",
                            "platformConnection", "cloudStagingConnection"}) {
      auto const rule = project().on_change(*project().schema().find(name), {});
      CHECK(rule.on_change == OnChange::refuse);
      CHECK(rule.reason.find("DI project") != std::string::npos);
    }
  }
}
}  // namespace tenantry::test
