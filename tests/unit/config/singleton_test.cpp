#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "engine/config/render.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::has_resource;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

std::string acme(std::string const& block) { return "tenants:\n  acme:\n    region: eu\n" + block; }

}  // namespace

TEST_SUITE("sections that are one resource") {
  TEST_CASE("expand: the section holds the attributes, the address has no key") {
    Fixture const f(
        "blueprints: {b: {groupSettings: {autoCreateGroups: true, systemGroups: {x: 1}}, "
        "parameters: {auto: {type: boolean}}}}\n" +
        acme("    blueprint: b\n    groupSettings: {autoCreateGroups: \"${values.auto}\", "
             "lifecycle: {preventDestroy: true}}\n    values: {auto: false}\n"));
    auto const expanded = f.expand();
    auto const& settings = resource(expanded, "groupSettings");
    CHECK(settings.address == Address{"acme", "groupSettings", ""});
    CHECK(json(settings.attributes) == R"({"autoCreateGroups":false,"systemGroups":{"x":1}})");
    CHECK(settings.lifecycle.prevent_destroy);
    CHECK(settings.where.text() == "tenantry.yaml:2:18");
  }

  TEST_CASE("expand: `when` leaves it out, null removes it") {
    Fixture const f("blueprints: {b: {groupSettings: {autoCreateGroups: true}}}\n" +
                    acme("    blueprint: b\n    groupSettings: {when: \"\"}\n"));
    CHECK_FALSE(has_resource(f.expand(), "groupSettings"));
    f.main("blueprints: {b: {groupSettings: {autoCreateGroups: true}}}\n" +
           acme("    blueprint: b\n    groupSettings: null\n"));
    CHECK_FALSE(has_resource(f.expand(), "groupSettings"));
  }

  TEST_CASE("expand: dependencies name it by the section alone") {
    Fixture const f(acme(
        "    groupSettings: {autoCreateGroups: true, dependsOn: [roles/a]}\n"
        "    roles: {a: {name: A}}\n    groups: {g: {name: G, dependsOn: [groupSettings]}}\n"));
    auto const expanded = f.expand();
    CHECK(resource(expanded, "groups/g").depends_on ==
          std::vector<Address>{{"acme", "groupSettings", ""}});
    CHECK(resource(expanded, "groupSettings").depends_on ==
          std::vector<Address>{{"acme", "roles", "a"}});
  }

  TEST_CASE("load: a dependency that is left out, unknown, or a cycle") {
    Fixture const f(
        acme("    groupSettings: {when: \"\"}\n"
             "    groups: {g: {name: G, dependsOn: [groupSettings, groupSetting]}}\n"));
    CHECK(f.messages() == Lines{"tenantry.yaml:6:39: error: dependency that is left out",
                                "tenantry.yaml:6:54: error: unknown resource \"groupSetting\""});
    f.main(
        acme("    groupSettings: {dependsOn: [groups/g]}\n"
             "    groups: {g: {name: G, dependsOn: [groupSettings]}}\n"));
    auto const messages = f.load().diagnostics.sorted();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].summary == "cycle of dependencies");
    CHECK(messages[0].detail.starts_with("groupSettings -> groups/g -> groupSettings."));
  }

  TEST_CASE("load: a key inside of it is an attribute") {
    Fixture const f(acme("    groupSettings: {main: {autoCreateGroups: true}}\n"));
    CHECK(f.messages() == Lines{"tenantry.yaml:5:21: error: unknown key \"main\""});
    f.main(acme("    groupSettings: [a]\n"));
    CHECK(f.messages() == Lines{"tenantry.yaml:5:20: error: wrong type"});
    f.main(acme("    groupSettings: {autoCreateGroups: 1}\n"));
    CHECK(f.messages() == Lines{"tenantry.yaml:5:39: error: wrong type"});
  }

  TEST_CASE("render_yaml: writes the section as it is read") {
    Fixture const f(
        acme("    groupSettings: {autoCreateGroups: true, dependsOn: [roles/a], lifecycle: "
             "{preventDestroy: true}}\n    roles: {a: {name: A}}\n"));
    auto const first = f.expand();
    auto const yaml = render_yaml(first, Origins::shown);
    CHECK(yaml == R"(tenants:
  acme:  # tenantry.yaml:3
    region: eu  # tenantry.yaml:4
    roles:
      a:  # tenantry.yaml:6
        name: A  # tenantry.yaml:6
    groupSettings:  # tenantry.yaml:5
      autoCreateGroups: true  # tenantry.yaml:5
      lifecycle:  # tenantry.yaml:5
        preventDestroy: true
      dependsOn:
        - roles/a  # tenantry.yaml:5
)");
    f.main(yaml);
    CHECK(f.expand().digest == first.digest);
  }
}
}  // namespace tenantry::config
