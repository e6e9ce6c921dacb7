#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

std::string acme(std::string const& block) { return "tenants:\n  acme:\n    region: eu\n" + block; }

}  // namespace

TEST_SUITE("resources") {
  TEST_CASE("expand: a key named by an attribute is a dependency, any other name is not") {
    Fixture const f(
        acme("    roles: {a: {name: A}, b: {name: B}}\n"
             "    groups: {g: {name: G, assignedRoles: [b, Steward, A]}}\n"));
    CHECK(resource(f.expand(), "groups/g").depends_on ==
          std::vector<Address>{{"acme", "roles", "b"}});
    CHECK(json(resource(f.expand(), "groups/g").attributes) ==
          R"({"assignedRoles":["b","Steward","A"],"name":"G"})");
  }

  TEST_CASE("expand: written dependencies come on top, each once") {
    Fixture const f(
        acme("    roles: {a: {name: A}}\n"
             "    groups: {g: {name: G, assignedRoles: [a], dependsOn: [roles/a, "
             "groups/h]}, h: {name: H}}\n"));
    CHECK(resource(f.expand(), "groups/g").depends_on ==
          std::vector<Address>{{"acme", "groups", "h"}, {"acme", "roles", "a"}});
  }

  TEST_CASE("expand: what is left out is no dependency by name, and none is needed of it") {
    Fixture const f(
        acme("    roles: {a: {when: \"\", name: A}}\n"
             "    groups:\n"
             "      g: {name: G, assignedRoles: [a]}\n"
             "      h: {when: false, name: H, dependsOn: [roles/a]}\n"));
    CHECK(resource(f.expand(), "groups/g").depends_on.empty());
  }

  TEST_CASE("load: what a kind only warns of does not stop anything") {
    Fixture f(acme("    roles: {a: {name: Old}}\n"));
    auto warning = test::kRoles;
    warning.check = [](Object const&, ReportProblem const& report) {
      report({"/name", "old name", "It works.", "rename it", true});
    };
    f.options.schemas[1] = &warning;
    CHECK(f.messages() == Lines{"tenantry.yaml:5:23: warning: old name"});
    CHECK(test::has_resource(f.expand(), "roles/a"));
  }

  TEST_CASE("expand: lifecycle of a resource and of the tenant") {
    Fixture const f(
        acme("    lifecycle: {preventDestroy: true, ignoreChanges: [name]}\n"
             "    roles: {a: {name: A, lifecycle: {adopt: \"${values.adopt}\", "
             "ignoreChanges: [description]}}}\n    values: {adopt: true}\n"));
    auto const expanded = f.expand();
    CHECK(expanded.self.lifecycle.prevent_destroy);
    CHECK(expanded.self.lifecycle.ignore_changes == Lines{"name"});
    auto const& lifecycle = resource(expanded, "roles/a").lifecycle;
    CHECK(lifecycle.adopt);
    CHECK_FALSE(lifecycle.prevent_destroy);
    CHECK(lifecycle.ignore_changes == Lines{"description"});
  }

  TEST_CASE("load: a cycle through three is reported once, at the first of them") {
    Fixture const f(
        acme("    roles:\n"
             "      c: {name: C, dependsOn: [roles/a]}\n"
             "      a: {name: A, dependsOn: [roles/b]}\n"
             "      b: {name: B, dependsOn: [roles/c]}\n"));
    auto const items = f.load().diagnostics.sorted();
    REQUIRE(items.size() == 1);
    CHECK(items[0].where.text() == "tenantry.yaml:6:7");
    CHECK(items[0].detail == "roles/c -> roles/a -> roles/b -> roles/c.\nIn tenant acme.");
    CHECK(Fixture(acme("    roles: {a: {name: A, dependsOn: [roles/a]}}\n")).messages() ==
          Lines{"tenantry.yaml:5:13: error: cycle of dependencies"});
  }

  TEST_CASE("load: two resources agree in their natural key only where it is known") {
    CHECK(Fixture(acme("    roles: {a: {name: \"${tenant.id}\"}, b: {name: \"${tenant.id}\"}}\n"))
              .messages() == Lines{});
    CHECK(Fixture(acme("    roles: {a: {name: x}}\n    groups: {a: {name: x}}\n")).messages() ==
          Lines{});
    CHECK(Fixture("blueprints: {b: {roles: {a: {name: x}}}}\ntenants:\n  acme: {region: eu, "
                  "blueprint: b, roles: {b: {name: x}}}\n")
              .messages() == Lines{"tenantry.yaml:4:54: error: natural key in use"});
  }

  TEST_CASE("load: an alias that a blueprint gives to two tenants is reported at the later one") {
    Fixture const f(
        "blueprints: {b: {alias: same}}\ntenants:\n  one: {region: eu, blueprint: b}\n"
        "  two: {region: eu, blueprint: b}\n  three: {region: us, blueprint: b}\n");
    CHECK(f.messages() == Lines{"tenantry.yaml:5:3: error: alias in use"});
    CHECK(Fixture("blueprints: {b: {alias: \"${tenant.key}\"}}\ntenants:\n  one: {region: eu, "
                  "blueprint: b}\n  two: {region: eu, blueprint: b}\n")
              .messages() == Lines{});
  }

  TEST_CASE("load: all mistakes of a file are reported together") {
    Fixture const f(
        acme("    nme: Acme\n"
             "    roles:\n"
             "      a: {description: x, assignedScopes: y}\n"
             "      b: {name: \"${var.none}\", descripton: x}\n"
             "    groups:\n"
             "      g: {name: G, providerType: x, dependsOn: [roles/c]}\n"));
    CHECK(f.messages() ==
          Lines{"tenantry.yaml:5:5: error: unknown key \"nme\" (did you mean \"name\"?)",
                "tenantry.yaml:7:7: error: missing attribute",
                "tenantry.yaml:7:43: error: wrong type",
                "tenantry.yaml:8:18: error: unknown variable \"none\"",
                "tenantry.yaml:8:32: error: unknown key \"descripton\" (did you mean "
                "\"description\"?)",
                "tenantry.yaml:10:34: error: invalid value \"x\"",
                "tenantry.yaml:10:49: error: unknown resource \"roles/c\" (did you mean "
                "\"roles/a\"?)"});
  }

  TEST_CASE("load: region and blueprint may come from variables") {
    Fixture const f(
        "variables: {r: {default: eu}}\nblueprints: {b-acme: {name: B}}\n"
        "tenants: {acme: {region: \"${var.r}\", blueprint: \"b-${tenant.key}\"}}\n");
    CHECK(f.expand().summary.region == "eu");
    CHECK(text_at(f.expand().self.attributes, "name") == "B");
  }
}
}  // namespace tenantry::config
