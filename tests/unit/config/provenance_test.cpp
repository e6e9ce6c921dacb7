#include "engine/config/provenance.hpp"

#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
namespace {

constexpr std::string_view kLayers = R"(variables:
  mail: {default: support@example.com}
  secret: {env: SECRET, sensitive: true}
regions: {eu: {values: {site: eu-site}}}
blueprints:
  standard:
    parameters: {site: {type: string, default: nowhere}, origins: {type: list}}
    groups: {analysts: {name: Analysts, description: "At ${values.site}", assignedRoles: [A]}}
    webIntegrations: {portal: {name: Portal, validOrigins: "${values.origins}"}}
    roles: {author: {name: Author, description: "Ask ${var.mail}"}}
  standard-v12:
    groups: {analysts: {name: Analysts 12}}
rollout: {waves: [{name: canary, blueprints: {standard: standard-v12}}, {name: rest}]}
tenants:
  acme:
    region: eu
    blueprint: standard
    values: {origins: ["https://acme.example"]}
    groups: {analysts: {assignedRoles: {$append: [B]}}}
    roles: {author: null}
  early: {region: eu, blueprint: standard, wave: canary}
fleets:
  customers:
    from: customers.csv
    key: ${row.id}
    region: eu
    blueprint: standard
    columns: {origins: {type: list, separator: ";"}}
    values: {origins: "${row.origins}"}
    overrides: {c1: {groups: {analysts: {description: Special}}}}
)";

/// "blueprint standard tenantry.yaml:9 \"...\"", with a * where it counts and + where it appends.
std::vector<std::string> lines_of(std::vector<Statement> const& statements) {
  std::vector<std::string> out;
  for (auto const& s : statements) {
    out.push_back(fmt::format("{}{}{} {} {}:{} {}", s.counts ? "*" : "", s.appends ? "+" : "",
                              name_of(s.layer.kind), s.layer.name, s.where.file, s.where.line,
                              canonical(s.value)));
  }
  return out;
}

struct Traced {
  Traced() : fixture(kLayers) {
    fixture.folder.write("customers.csv", "id,origins\nc1,https://c1.example\n");
  }
  Trace trace(std::string_view tenant, std::vector<std::string> const& path) {
    auto const loaded = fixture.load();
    REQUIRE(loaded.configuration != nullptr);
    return provenance_of(*loaded.configuration).trace(tenant, path);
  }
  Fixture fixture;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_SUITE("provenance") {
  TEST_CASE("what later layers append counts together with what they append to") {
    Traced traced;
    auto const trace = traced.trace("acme", {"groups", "analysts", "assignedRoles"});
    CHECK(lines_of(trace.statements) == Lines{R"(*blueprint standard tenantry.yaml:9 ["A"])",
                                              R"(*+tenant acme tenantry.yaml:20 ["B"])"});
  }

  TEST_CASE("a removal of what stands above is told, and that it counts") {
    Traced traced;
    auto const trace = traced.trace("acme", {"roles", "author", "description"});
    CHECK(lines_of(trace.statements) ==
          Lines{R"(blueprint standard tenantry.yaml:11 "Ask ${var.mail}")",
                "*tenant acme tenantry.yaml:21 null"});
    CHECK(trace.uses.empty());
  }

  TEST_CASE("an override of a row wins over its fleet and its blueprint") {
    Traced traced;
    auto const trace = traced.trace("c1", {"groups", "analysts", "description"});
    CHECK(lines_of(trace.statements) ==
          Lines{R"(blueprint standard tenantry.yaml:9 "At ${values.site}")",
                R"(*override c1 tenantry.yaml:31 "Special")"});
    REQUIRE(trace.layers.size() == 4);
    CHECK(name_of(trace.layers[2].kind) == "fleet");
    CHECK(trace.layers[2].name == "customers");
    CHECK(trace.layers[3].where.line == 31);
  }

  TEST_CASE("a value is followed through its layers to the cell of the row") {
    Traced traced;
    auto const trace = traced.trace("c1", {"webIntegrations", "portal", "validOrigins"});
    REQUIRE(trace.uses.size() == 2);
    CHECK(trace.uses[0].name == "values.origins");
    CHECK(lines_of(trace.uses[0].statements) ==
          Lines{R"(*fleet customers tenantry.yaml:30 "${row.origins}")"});
    CHECK(trace.uses[1].name == "row.origins");
    CHECK(trace.uses[1].where.text() == "customers.csv:2:4");
    CHECK(canonical(trace.uses[1].value) == R"(["https://c1.example"])");
  }

  TEST_CASE("a default counts only where no layer says anything") {
    Traced traced;
    auto const trace = traced.trace("acme", {"groups", "analysts", "description"});
    REQUIRE(trace.uses.size() == 1);
    CHECK(lines_of(trace.uses[0].statements) ==
          Lines{R"(parameter standard tenantry.yaml:8 "nowhere")",
                R"(*region eu tenantry.yaml:5 "eu-site")"});
  }

  TEST_CASE("a blueprint that a wave pins is told with the name that is written") {
    Traced traced;
    auto const trace = traced.trace("early", {});
    REQUIRE(trace.layers.size() == 3);
    CHECK(trace.layers[1].name == "standard-v12");
    CHECK(trace.layers[1].written_as == "standard");
    CHECK(trace.statements.empty());
    CHECK(traced.trace("acme", {}).layers[1].written_as.empty());
  }
}

}  // namespace tenantry::config
