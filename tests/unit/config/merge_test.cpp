#include "engine/config/merge.hpp"

#include <doctest/doctest.h>

#include "engine/config/yaml_reader.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::has_resource;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

/// Both layers, from flow maps, merged; lists that are to be joined are nested lists.
std::string merged(std::string const& lower, std::string const& upper) {
  Source const a{"a", "a", 0, false};
  Source const b{"b", "b", 1, false};
  Reporter reporter;
  auto const low = read_yaml(a, lower, reporter);
  auto const high = read_yaml(b, upper, reporter);
  REQUIRE(reporter.errors() == 0);
  return canonical(to_value(*merge(merge(nullptr, low), high)));
}

std::string two_layers(std::string const& lower, std::string const& upper) {
  return "blueprints:\n  b: " + lower + "\ntenants:\n  acme: {region: eu, blueprint: b, " + upper +
         "}\n";
}

}  // namespace

TEST_SUITE("merge") {
  TEST_CASE("merge: maps merge deeply, everything else is replaced") {
    CHECK(merged("{a: {b: 1, c: 2}, d: x}", "{a: {c: 3, e: 4}}") ==
          R"({"a":{"b":1,"c":3,"e":4},"d":"x"})");
    CHECK(merged("{a: [1, 2]}", "{a: [3]}") == R"({"a":[3]})");
    CHECK(merged("{a: {b: 1}}", "{a: x}") == R"({"a":"x"})");
    CHECK(merged("{a: x}", "{a: {b: 1}}") == R"({"a":{"b":1}})");
  }

  TEST_CASE("merge: null removes, in the lowest layer too") {
    CHECK(merged("{a: 1, b: {c: 1, d: 2}}", "{a: null, b: {c: ~}}") == R"({"b":{"d":2}})");
    CHECK(merged("{a: null, b: {c: null}}", "{}") == R"({"b":{}})");
    CHECK(merged("{}", "{a: {b: null, c: 1}}") == R"({"a":{"c":1}})");
    CHECK(merged("{a: {b: 1}}", "{a: {b: {c: null, d: 1}}}") == R"({"a":{"b":{"d":1}}})");
  }

  TEST_CASE("merge: $append joins lists, over nothing it is the list") {
    CHECK(merged("{a: [1]}", "{a: {$append: [2]}}") == R"({"a":[[1],[2]]})");
    CHECK(merged("{}", "{a: {$append: [2]}}") == R"({"a":[2]})");
    CHECK(merged("{a: {$append: [1]}}", "{a: {$append: [2]}}") == R"({"a":[[1],[2]]})");
  }

  TEST_CASE("merge: a big map keeps the order of its lower layer") {
    std::string lower = "{", upper = "{";
    for (int i = 0; i < 40; ++i) lower += fmt::format("k{}: {{a: {}}}, ", i, i);
    for (int i = 39; i >= 30; --i) upper += fmt::format("k{}: {{b: {}}}, ", i, i);
    Source const a{"a", "a", 0, false};
    Reporter reporter;
    auto const low = read_yaml(a, lower + "}", reporter);
    auto const both = merge(low, read_yaml(a, upper + "z: 1}", reporter));
    REQUIRE(both->members.size() == 41);
    CHECK(both->members[39].key == "k39");
    CHECK(both->members[39].value->members.size() == 2);
    CHECK(both->members[40].key == "z");
  }

  TEST_CASE("expand: blueprints merge left to right, the tenant last") {
    Fixture const f(
        "blueprints:\n"
        "  a: {roles: {r: {name: A, description: a, assignedScopes: [x]}, s: {name: S}}}\n"
        "  b: {roles: {r: {name: B, assignedScopes: {$append: [y]}}}}\n"
        "tenants:\n"
        "  acme:\n"
        "    region: eu\n"
        "    blueprint: [a, b]\n"
        "    roles: {r: {name: C, assignedScopes: {$append: [z]}}, s: null}\n");
    auto const tenant = f.expand();
    CHECK(json(resource(tenant, "roles/r").attributes) ==
          R"({"assignedScopes":["x","y","z"],"description":"a","name":"C"})");
    CHECK_FALSE(has_resource(tenant, "roles/s"));
    CHECK(resource(tenant, "roles/r").where.line == 3);
    CHECK(resource(tenant, "roles/r").origin("/assignedScopes/1").line == 4);
    CHECK(resource(tenant, "roles/r").origin("/assignedScopes/2").line == 9);
    CHECK(resource(tenant, "roles/r").origin("/name").line == 9);
  }

  TEST_CASE("expand: $append adds to a list that comes from a placeholder") {
    Fixture const f(two_layers(
        "{parameters: {o: {type: list}}, webIntegrations: {w: {name: W, validOrigins: "
        "\"${values.o}\"}}}",
        "values: {o: [\"https://a.example\"]}, webIntegrations: {w: {validOrigins: {$append: "
        "[\"https://b.example\"]}}}"));
    CHECK(json(resource(f.expand(), "webIntegrations/w").attributes) ==
          R"({"name":"W","validOrigins":["https://a.example","https://b.example"]})");
  }

  TEST_CASE("expand: null in a tenant removes an attribute or a section of the blueprint") {
    Fixture const f(two_layers("{roles: {r: {name: R, description: d}}, groups: {g: {name: G}}}",
                               "roles: {r: {description: null}}, groups: null"));
    auto const tenant = f.expand();
    CHECK(json(resource(tenant, "roles/r").attributes) == R"({"name":"R"})");
    CHECK_FALSE(has_resource(tenant, "groups/g"));
  }

  TEST_CASE("expand: `when` leaves a resource out where it is empty or false") {
    struct Case {
      std::string when;
      bool wanted;
    };
    for (auto const& [when, wanted] : std::vector<Case>{{"\"\"", false},
                                                        {"false", false},
                                                        {"\"false\"", false},
                                                        {"\"${values.none:-}\"", false},
                                                        {"\"${values.off}\"", false},
                                                        {"\"${values.empty}\"", false},
                                                        {"true", true},
                                                        {"\"x\"", true},
                                                        {"\"${tenant.key}\"", true},
                                                        {"0", true},
                                                        {"\"${values.list}\"", true}}) {
      CAPTURE(when);
      Fixture const f(
          "tenants:\n  acme:\n    region: eu\n    values: {off: false, empty: [], list: [1]}\n"
          "    roles: {r: {when: " +
          when + ", name: R}}\n");
      CHECK(has_resource(f.expand(), "roles/r") == wanted);
    }
  }

  TEST_CASE("expand: a resource that is left out needs no values, but its names are checked") {
    Fixture f(
        two_layers("{parameters: {kmsArn: {type: string}}, roles: {r: {when: "
                   "\"${values.kmsArn:-}\", name: R, description: \"${values.kmsArn}\"}}}",
                   "name: Acme"));
    CHECK_FALSE(has_resource(f.expand(), "roles/r"));
    f.main(
        two_layers("{parameters: {kmsArn: {type: string}}, roles: {r: {when: "
                   "\"${values.kmsArn:-}\", name: R, description: \"${values.kmsAnr}\"}}}",
                   "name: Acme"));
    CHECK(f.messages() ==
          Lines{"tenantry.yaml:3:108: error: unknown value \"kmsAnr\" (did you mean \"kmsArn\"?)"});
  }
}
}  // namespace tenantry::config
