#include <doctest/doctest.h>
#include <fmt/format.h>

#include "emulator/zip.hpp"
#include "engine/core/digest.hpp"
#include "tests/support/emulated_cloud.hpp"

namespace tenantry {
using test::EmulatedCloud;
using test::EmulatedTenant;
using test::HttpReply;

namespace {

constexpr char kProjects[] = "/api/v1/di-projects";

constexpr char kSales[] =
    "name: Sales pipeline\n"
    "tasks:\n"
    "  - {id: landing-x7d2, name: Landing, type: LANDING}\n"
    "  - {id: mart-a1b2, name: Mart, type: DATAMART, description: star}\n"
    "variables:\n"
    "  targetSchema: null\n"
    "  warehouse: SMALL\n";

std::string zip_of(std::string file, std::string text) {
  std::vector<emulator::ZipEntry> const entries = {{std::move(file), std::move(text)}};
  return *emulator::write_zip(entries);
}

std::string text(Value const& value, char const* name) {
  return std::string(value.at(name).as_string());
}

std::string text(HttpReply const& reply, char const* name) { return text(reply.json(), name); }

/// A tenant with a data space and an empty project.
struct Workshop {
  EmulatedCloud cloud;
  EmulatedTenant tenant = cloud.create_tenant();
  std::string space = make_space("Pipelines", "data");
  std::string project = text(create({{"name", "Sales"}, {"space", space}}), "id");

  std::string make_space(std::string_view name, std::string_view type) {
    return text(call("POST", "/api/v1/spaces", {{"name", name}, {"type", type}}), "id");
  }
  HttpReply call(std::string_view method, std::string_view target, Value const& body = {}) {
    return cloud.call(tenant, method, target, body);
  }
  HttpReply create(Value const& body) { return call("POST", kProjects, body); }
  std::string path(std::string_view rest = "") {
    return fmt::format("{}/{}{}", kProjects, project, rest);
  }
  HttpReply upload(std::string_view target, std::string_view bytes, std::string_view part = "zip") {
    auto const body = fmt::format(
        "--b\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"p.zip\"\r\n"
        "Content-Type: application/zip\r\n\r\n{}\r\n--b--\r\n",
        part, bytes);
    return cloud.http().send("POST", tenant.host, target, body,
                             {{"Authorization", "Bearer " + tenant.token},
                              {"Content-Type", "multipart/form-data; boundary=b"}});
  }
  HttpReply import_async(std::string_view bytes) {
    return upload(path("/actions/import-async"), bytes);
  }
  int bind(Object variables) {
    return call("PUT", path("/bindings"), {{"variables", std::move(variables)}}).status;
  }
  HttpReply poll(HttpReply const& started) {
    return call("GET", fmt::format("{}/actions/{}", kProjects, text(started, "actionId")));
  }
  /// The action at its end.
  Value finish(HttpReply const& started) {
    REQUIRE(started.status == 202);
    Value action;
    for (int i = 0; i < 3; ++i) action = poll(started).json();
    return action;
  }
  void import_sales() {
    REQUIRE(bind({{"targetSchema", "acme_dw"}}) == 200);
    REQUIRE(finish(import_async(zip_of("project.yaml", kSales))).at("state") == "COMPLETED");
  }
  /// What the snapshot tells of the project's last import; null: none.
  Value imported() {
    auto const snapshot = cloud.control("GET", "snapshot").json();
    auto const& object = snapshot.at("tenants").at(0).at("diProjects").at(0).as_object();
    auto const* const import = find(object, "imported");
    return import == nullptr ? Value() : *import;
  }
  HttpReply task(std::string_view method, std::string_view rest, Value const& body = {}) {
    return call(method, path("/di-tasks/landing-x7d2" + std::string(rest)), body);
  }
};

}  // namespace

TEST_SUITE("emulator/di_projects") {
  TEST_CASE("create: an empty project; only name and a data space are required") {
    Workshop shop;
    auto const made = shop.create({{"name", "Orders"},
                                   {"type", "DATA_MOVEMENT"},
                                   {"space", shop.space},
                                   {"description", "d"},
                                   {"platformType", "SNOWFLAKE"},
                                   {"platformConnection", "c1"},
                                   {"cloudStagingConnection", "c2"}});
    REQUIRE(made.status == 201);
    auto const read = shop.call("GET", fmt::format("{}/{}", kProjects, text(made, "id")));
    CHECK(read.json() == made.json());
    CHECK(text(made, "spaceId") == shop.space);
    CHECK(text(made, "platformType") == "SNOWFLAKE");
    CHECK(text(shop.call("GET", shop.path()), "type") == "DATA_PIPELINE");
    CHECK(shop.call("GET", shop.path("/di-tasks")).json().at("dataTasks").as_array().empty());
    auto const shared = shop.make_space("Shared", "shared");
    auto const refused = [&](Value const& body) { return shop.create(body).status == 400; };
    CHECK(refused({{"name", "x"}}));
    CHECK(refused({{"space", shop.space}}));
    CHECK(refused({{"name", "x"}, {"space", "none"}}));
    CHECK(refused({{"name", "x"}, {"space", shared}}));
    CHECK(refused({{"name", "x"}, {"space", shop.space}, {"platformType", "ORACLE"}}));
    CHECK(refused({{"name", "Sales"}, {"space", shop.space}}));
  }

  TEST_CASE("list: an object with projects, of one space or of all") {
    Workshop shop;
    auto const other = shop.make_space("Other", "data");
    REQUIRE(shop.create({{"name", "Sales"}, {"space", other}}).status == 201);
    auto const count = [&](std::string_view query) {
      return shop.call("GET", fmt::format("{}{}", kProjects, query))
          .json()
          .at("projects")
          .as_array()
          .size();
    };
    CHECK(count("") == 2);
    CHECK(count("?spaceId=" + other) == 1);
    CHECK(shop.call("GET", fmt::format("{}?spaceId=none", kProjects)).status == 404);
  }

  TEST_CASE("a project: there is no call that renames or deletes it") {
    Workshop shop;
    for (auto const* const method : {"DELETE", "PATCH", "PUT"}) {
      CHECK(shop.call(method, shop.path(), {{"name", "x"}}).status == 404);
    }
    CHECK(shop.call("GET", fmt::format("{}/none", kProjects)).status == 404);
  }

  TEST_CASE("delete of a space: 412 while a project is in it") {
    Workshop shop;
    CHECK(shop.call("DELETE", "/api/v1/spaces/" + shop.space).status == 412);
    auto const empty = shop.make_space("Empty", "data");
    CHECK(shop.call("DELETE", "/api/v1/spaces/" + empty).status == 204);
  }

  TEST_CASE("bindings: put replaces; recalculate gives what the content has now") {
    Workshop shop;
    auto const variables = [&](std::string_view query) {
      return canonical(
          shop.call("GET", shop.path(fmt::format("/bindings{}", query))).json().at("variables"));
    };
    CHECK(variables("?recalculate=false") == "{}");
    CHECK(variables("") == R"({"projectName":"Sales"})");
    CHECK(shop.bind({{"targetSchema", "a"}, {"old", nullptr}}) == 200);
    CHECK(variables("?recalculate=false") == R"({"old":null,"targetSchema":"a"})");
    CHECK(shop.bind({{"targetSchema", "b"}}) == 200);
    CHECK(variables("?recalculate=false") == R"({"targetSchema":"b"})");
    CHECK(shop.bind({{"targetSchema", 1}}) == 400);
    CHECK(shop.call("PUT", shop.path("/bindings"), Object{}).status == 400);
    CHECK(shop.call("GET", shop.path("/bindings?recalculate=maybe")).status == 400);
    shop.import_sales();
    CHECK(shop.bind({{"old", "x"}}) == 200);
    CHECK(variables("") == R"({"projectName":"Sales","targetSchema":null,"warehouse":"SMALL"})");
    auto const ids = shop.call("GET", shop.path("/bindings")).json().at("nameToIdMap");
    CHECK(ids.at("Landing") == "landing-x7d2");
  }

  TEST_CASE("export: a zip that can be imported again, with bindings on request") {
    Workshop shop;
    shop.import_sales();
    auto const get = [&](Value const& body) {
      auto const reply = shop.call("POST", shop.path("/actions/export"), body);
      REQUIRE(reply.status == 200);
      CHECK(reply.headers.at("content-type") == "application/octet-stream");
      auto const entries = emulator::read_zip(reply.body);
      REQUIRE(entries.has_value());
      REQUIRE(entries->size() == 1);
      return std::pair(reply.body, entries->front());
    };
    auto const [minimal, yaml] = get({});
    CHECK(yaml.name == "project.yaml");
    CHECK(yaml.bytes.find("acme_dw") == std::string::npos);
    CHECK(yaml.bytes.find("description: \"\"") == std::string::npos);
    CHECK(get({{"mode", "MINIMAL"}}).first == minimal);
    auto const all = get({{"mode", "ALL"}, {"includeBindings", true}});
    CHECK(all.second.bytes.find("acme_dw") != std::string::npos);
    CHECK(all.second.bytes.find("description: \"\"") != std::string::npos);
    CHECK(get({{"mode", "LEGACY"}}).second.name == "project.json");
    CHECK(shop.call("POST", shop.path("/actions/export"), {{"mode", "FULL"}}).status == 400);

    shop.project = text(shop.create({{"name", "Copy"}, {"space", shop.space}}), "id");
    CHECK(shop.finish(shop.import_async(minimal)).at("state") == "FAILED");
    CHECK(shop.finish(shop.import_async(all.first)).at("state") == "COMPLETED");
    CHECK(shop.call("GET", shop.path("/di-tasks")).json().at("dataTasks").as_array().size() == 2);
    CHECK(text(shop.call("GET", shop.path()), "name") == "Copy");
    shop.project = text(shop.create({{"name", "Empty"}, {"space", shop.space}}), "id");
    CHECK(shop.finish(shop.import_async(get({}).first)).at("state") == "COMPLETED");
  }
}

TEST_SUITE("emulator/di_imports") {
  TEST_CASE("import-async: PENDING, EXECUTING, COMPLETED; the effect is seen at the end") {
    Workshop shop;
    auto const archive = zip_of("project.yaml", kSales);
    REQUIRE(shop.bind({{"targetSchema", "acme_dw"}}) == 200);
    auto const started = shop.import_async(archive);
    REQUIRE(started.status == 202);
    CHECK(started.headers.at("location")
              .ends_with(fmt::format("{}/actions/{}", kProjects, text(started, "actionId"))));
    CHECK(shop.import_async(archive).status == 409);
    CHECK(shop.upload(shop.path("/actions/import"), archive).status == 409);
    auto const first = shop.poll(started).json();
    CHECK(first.at("type") == "PROJECT_IMPORT");
    CHECK(first.at("name") == "Import project Pipelines.Sales");
    CHECK(first.at("state") == "PENDING");
    CHECK(first.at("startTime").is_null());
    CHECK(first.at("taskDetails").is_null());
    CHECK(first.at("taskProgress").at("pending") == 2);
    auto const second = shop.poll(started).json();
    CHECK(second.at("state") == "EXECUTING");
    CHECK(second.at("startTime").is_string());
    CHECK(second.at("endTime").is_null());
    CHECK(shop.imported().is_null());
    auto const third = shop.poll(started).json();
    CHECK(third.at("state") == "COMPLETED");
    CHECK(third.at("error").is_null());
    CHECK(third.at("taskProgress").at("completed") == 2);
    CHECK(shop.poll(started).json() == third);
    auto const import = shop.imported();
    CHECK(import.at("name") == "Sales pipeline");
    CHECK(text(import, "digest") == sha256_hex(archive));
    CHECK(canonical(import.at("variables")) == R"({"targetSchema":"acme_dw","warehouse":"SMALL"})");
    CHECK(import.at("tasks").as_array().size() == 2);
    auto const path = fmt::format("{}/actions/{}", kProjects, text(started, "actionId"));
    auto const detailed = shop.call("GET", path + "?detailed=true").json();
    CHECK(detailed.at("taskDetails").at(1).at("taskId") == "mart-a1b2");
    CHECK(shop.call("GET", fmt::format("{}/actions/none", kProjects)).status == 404);
  }

  TEST_CASE("import-async: an action that nobody asks for ends by itself") {
    Workshop shop;
    auto const archive = zip_of("project.yaml", kSales);
    REQUIRE(shop.bind({{"targetSchema", "acme_dw"}}) == 200);
    REQUIRE(shop.import_async(archive).status == 202);
    CHECK(shop.cloud.control("POST", "clock", {{"advanceSeconds", 29}}).status == 200);
    CHECK(shop.import_async(archive).status == 409);
    CHECK(shop.cloud.control("POST", "clock", {{"advanceSeconds", 2}}).status == 200);
    CHECK(shop.import_async(archive).status == 202);
    CHECK(text(shop.imported(), "digest") == sha256_hex(archive));
  }

  TEST_CASE("import-async: FAILED with the reason, and nothing changes") {
    Workshop shop;
    auto const failed = [&](std::string_view bytes) {
      auto const action = shop.finish(shop.import_async(bytes));
      CHECK(action.at("state") == "FAILED");
      return action.at("error");
    };
    auto const no_zip = failed("not a zip");
    CHECK(no_zip.at("code") == "DI-ARCHIVE-INVALID");
    CHECK(no_zip.at("message") == "the file is no project archive");
    CHECK(failed(zip_of("other.txt", "x")).at("details") ==
          "the archive has neither project.yaml nor project.json at its top");
    auto const unbound = failed(zip_of("project.yaml", kSales));
    CHECK(unbound.at("code") == "DI-BINDINGS-MISSING");
    CHECK(unbound.at("details") == "set the bindings targetSchema");
    CHECK(shop.bind({{"targetSchema", nullptr}}) == 200);
    CHECK(failed(zip_of("project.yaml", kSales)).at("code") == "DI-BINDINGS-MISSING");
    CHECK(shop.imported().is_null());
  }

  TEST_CASE("import-async: a reference names a connection in a space of the tenant") {
    Workshop shop;
    auto const import = [&](std::string_view reference) {
      REQUIRE(shop.bind({{"targetSchema", reference}}) == 200);
      return shop.finish(shop.import_async(zip_of("project.yaml", kSales)));
    };
    auto const wrong = import("{{id(connection, Nowhere.Warehouse)}}");
    CHECK(wrong.at("error").at("code") == "DI-BINDINGS-INVALID");
    CHECK(wrong.at("error").at("details") ==
          "targetSchema refers to Nowhere.Warehouse, of a space that does not exist");
    CHECK(import("{{connection}}").at("state") == "FAILED");
    CHECK(import("{{id(connection, Pipelines.My.Warehouse)}}").at("state") == "COMPLETED");
  }

  TEST_CASE("bindings take effect at the next import, those of when it starts") {
    Workshop shop;
    shop.import_sales();
    CHECK(shop.bind({{"targetSchema", "other"}}) == 200);
    CHECK(shop.imported().at("variables").at("targetSchema") == "acme_dw");
    auto const started = shop.import_async(zip_of("project.yaml", kSales));
    CHECK(shop.bind({{"targetSchema", "late"}}) == 200);
    CHECK(shop.finish(started).at("state") == "COMPLETED");
    CHECK(shop.imported().at("variables").at("targetSchema") == "other");
  }

  TEST_CASE("import: JSON archives only, in a part zip or file, with its effect at once") {
    Workshop shop;
    auto const import = shop.path("/actions/import");
    auto const json = zip_of("project.json", R"({"name":"J","variables":{"a":null}})");
    CHECK(shop.upload(import, zip_of("project.yaml", "name: Y")).status == 400);
    CHECK(shop.upload(import, json).status == 400);  // a has no value
    CHECK(shop.upload(import, "no zip").status == 400);
    CHECK(shop.upload(import, json, "other").status == 400);
    CHECK(shop.upload(import, "").status == 400);
    CHECK(shop.call("POST", import, Object{}).status == 400);
    CHECK(shop.bind({{"a", "1"}}) == 200);
    CHECK(shop.upload(import, json, "file").status == 200);
    CHECK(shop.upload(import, json).json() == Object{});
    CHECK(shop.imported().at("name") == "J");
    CHECK(shop.upload(shop.path("/actions/import-async"), json, "file").status == 400);
    CHECK(shop.finish(shop.import_async(json)).at("state") == "COMPLETED");
  }

  TEST_CASE("validate-project-definitions: reports what is wrong with an archive") {
    Workshop shop;
    auto const target = fmt::format("{}/utils/actions/validate-project-definitions", kProjects);
    auto const good = shop.upload(target, zip_of("project.yaml", kSales));
    REQUIRE(good.status == 200);
    CHECK(good.json().at("reports").as_array().empty());
    auto const bad = shop.upload(target, zip_of("project.yaml", "{nam: x}")).json();
    CHECK(bad.at("reports").at(0).at("level") == "ERROR");
    CHECK(bad.at("reports").at(0).at("path") == "project.yaml/name");
    CHECK(bad.at("reports").at(1).at("level") == "WARNING");
    CHECK(shop.upload(target, "x", "other").status == 400);
  }
}

TEST_SUITE("emulator/di_tasks") {
  TEST_CASE("list and get: the tasks of the last import, by their own ids") {
    Workshop shop;
    shop.import_sales();
    auto const tasks = shop.call("GET", shop.path("/di-tasks")).json().at("dataTasks");
    REQUIRE(tasks.as_array().size() == 2);
    CHECK(tasks.at(1).at("description") == "star");
    auto const one = shop.task("GET", "").json();
    CHECK(one == tasks.at(0));
    CHECK(one.at("type") == "LANDING");
    CHECK(text(one, "spaceId") == shop.space);
    CHECK(shop.call("GET", shop.path("/di-tasks/none")).status == 404);
  }

  TEST_CASE("prepare: all tasks or those selected; prepared ones only with allowRecreate") {
    Workshop shop;
    shop.import_sales();
    auto const prepare = [&](Value const& body) {
      return shop.finish(shop.call("POST", shop.path("/actions/prepare"), body));
    };
    Object const one{{"taskId", "landing-x7d2"}};
    auto const first = prepare({{"selectedTasks", Array{one}}});
    CHECK(first.at("type") == "PROJECT_PREPARE");
    CHECK(first.at("taskProgress").at("completed") == 1);
    auto const rest = prepare({{"selectedTasks", Array{}}});
    CHECK(rest.at("taskProgress").at("completed") == 1);
    CHECK(rest.at("taskProgress").at("skipped") == 1);
    CHECK(prepare({{"allowRecreate", true}}).at("taskProgress").at("completed") == 2);
    auto const unknown = Value{{"selectedTasks", Array{Object{{"taskId", "none"}}}}};
    CHECK(shop.call("POST", shop.path("/actions/prepare"), unknown).status == 400);
    CHECK(shop.call("POST", shop.path("/actions/validate"), unknown).status == 400);
    CHECK(shop.call("POST", shop.path("/actions/prepare")).status == 400);
    auto const validated = shop.finish(shop.call("POST", shop.path("/actions/validate"), Object{}));
    CHECK(validated.at("type") == "PROJECT_VALIDATE");
    CHECK(validated.at("state") == "COMPLETED");
  }

  TEST_CASE("task actions: prepare and validate have types, recreate-datasets has none") {
    Workshop shop;
    shop.import_sales();
    auto const run = [&](std::string_view action, Value const& body = {}) {
      return shop.finish(shop.task("POST", fmt::format("/actions/{}", action), body));
    };
    CHECK(run("validate").at("type") == "TASK_VALIDATE");
    CHECK(run("prepare", {{"allowRecreate", false}}).at("type") == "TASK_PREPARE");
    CHECK(run("prepare").at("taskProgress").at("skipped") == 1);
    auto const recreated = run("recreate-datasets", Object{});
    CHECK(recreated.at("state") == "COMPLETED");
    CHECK_FALSE(recreated.as_object().contains("type"));
    CHECK(shop.task("POST", "/actions/prepare", Object{}).status == 400);
  }

  TEST_CASE("start and stop: a task that is prepared runs until it is stopped") {
    Workshop shop;
    shop.import_sales();
    auto const readiness = [&] {
      auto const state = shop.task("GET", "/runtime/state").json();
      return std::string(state.at("runReadiness").at("state").as_string());
    };
    CHECK(readiness() == "NOT_RUNNABLE");
    CHECK(shop.task("POST", "/runtime/actions/start").status == 400);
    auto const prepare = shop.call("POST", shop.path("/actions/prepare"), Object{});
    CHECK(shop.finish(prepare).at("state") == "COMPLETED");
    CHECK(readiness() == "READY_TO_RUN");
    CHECK(shop.task("POST", "/runtime/actions/stop").status == 400);
    auto const options = Value{{"option", "PROCESS_CHANGES_FROM_TIMESTAMP"}};
    CHECK(shop.task("POST", "/runtime/actions/start", options).status == 400);
    CHECK(shop.task("POST", "/runtime/actions/start").status == 204);
    CHECK(readiness() == "ALREADY_RUNNING");
    CHECK(shop.task("POST", "/runtime/actions/start").status == 400);
    CHECK(shop.task("POST", "/runtime/actions/stop").status == 204);
    auto const state = shop.task("GET", "/runtime/state").json();
    CHECK(state.at("lastRun").at("state") == "CANCELED");
    CHECK(state.at("type") == "LANDING");
  }

  TEST_CASE("an import: tasks that it leaves as they were stay prepared, changed ones do not") {
    Workshop shop;
    shop.import_sales();
    auto const prepare = shop.call("POST", shop.path("/actions/prepare"), Object{});
    CHECK(shop.finish(prepare).at("state") == "COMPLETED");
    std::string changed = kSales;
    changed.replace(changed.find("star"), 4, "flat");
    CHECK(shop.finish(shop.import_async(zip_of("project.yaml", changed))).at("state") ==
          "COMPLETED");
    auto const again = shop.finish(shop.call("POST", shop.path("/actions/prepare"), Object{}));
    CHECK(again.at("taskProgress").at("skipped") == 1);
    CHECK(again.at("taskProgress").at("completed") == 1);
  }
}
}  // namespace tenantry
