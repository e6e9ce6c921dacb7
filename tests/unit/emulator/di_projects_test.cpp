#include "tests/unit/emulator/di_workshop.hpp"

namespace tenantry::test {
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
}  // namespace tenantry::test
