#include "engine/core/digest.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/emulator/di_workshop.hpp"

namespace tenantry::test {
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

  TEST_CASE("import-async: an action goes on after a restart of the emulator") {
    TempFolder const folder;
    emulator::Options options;
    options.data_file = folder.path() / "emulator.db";
    EmulatedTenant tenant;
    std::string action;
    {
      Workshop shop(options);
      tenant = shop.tenant;
      REQUIRE(shop.bind({{"targetSchema", "acme_dw"}}) == 200);
      auto const started = shop.import_async(zip_of("project.yaml", kSales));
      action = fmt::format("{}/actions/{}", kProjects, text(started, "actionId"));
      CHECK(text(shop.poll(started), "state") == "PENDING");
    }
    EmulatedCloud cloud(options);
    CHECK(text(cloud.call(tenant, "GET", action), "state") == "EXECUTING");
    CHECK(text(cloud.call(tenant, "GET", action), "state") == "COMPLETED");
    auto const snapshot = cloud.control("GET", "snapshot").json();
    auto const project = snapshot.at("tenants").at(0).at("diProjects").at(0);
    CHECK(project.at("imported").at("name") == "Sales pipeline");
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
}  // namespace tenantry::test
