// A tenant with a data integration project, for the tests of their parts.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "emulator/zip.hpp"
#include "tests/support/emulated_cloud.hpp"

namespace tenantry::test {

inline constexpr char kProjects[] = "/api/v1/di-projects";

inline constexpr char kSales[] =
    "name: Sales pipeline\n"
    "tasks:\n"
    "  - {id: landing-x7d2, name: Landing, type: LANDING}\n"
    "  - {id: mart-a1b2, name: Mart, type: DATAMART, description: star}\n"
    "variables:\n"
    "  targetSchema: null\n"
    "  warehouse: SMALL\n";

inline std::string zip_of(std::string file, std::string text) {
  std::vector<emulator::ZipEntry> const entries = {{std::move(file), std::move(text)}};
  return *emulator::write_zip(entries);
}

inline std::string text(Value const& value, char const* name) {
  return std::string(value.at(name).as_string());
}

inline std::string text(HttpReply const& reply, char const* name) {
  return text(reply.json(), name);
}

/// A tenant with a data space and an empty project.
struct Workshop {
  explicit Workshop(emulator::Options options = {}) : cloud(std::move(options)) {}

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

}  // namespace tenantry::test
