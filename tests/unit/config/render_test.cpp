#include "engine/config/render.hpp"

#include <doctest/doctest.h>

#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;

namespace {

constexpr std::string_view kConfiguration = R"(variables: {key: {env: KEY}}
blueprints:
  standard:
    parameters: {origins: {type: list}}
    settings: {enableAppOpeningFeedback: true}
    groups:
      analysts: {name: "${tenant.key}-analysts", assignedRoles: [author]}
      none: {when: "", name: None}
    webIntegrations:
      portal: {name: "yes", validOrigins: "${values.origins}"}
    oauthClients:
      portal:
        clientName: "Portal: $${x} of ${tenant.hostname}"
        appType: web
        redirectUris: []
        deliverSecret: {file: "secrets/${tenant.key}.json"}
tenants:
  acme:
    region: eu
    blueprint: standard
    licenseKey: ${var.key}
    name: "Acme\nAnalytics"
    values: {origins: ["https://portal.acme.example"]}
    roles:
      author: {name: Author, dependsOn: [groups/plain]}
    groups:
      analysts: {assignedRoles: {$append: [Steward]}, lifecycle: {preventDestroy: true}}
      plain: {name: "007"}
    paused: true
)";

}  // namespace

TEST_SUITE("render") {
  TEST_CASE("render_yaml: credentials that are written literally are masked") {
    std::string text(kConfiguration);
    text.replace(text.find("licenseKey: ${var.key}"), 22,
                 "licenseKey: LICENCE-42\n    auth: {apiKey: TOPSECRET}");
    Fixture const f(text);
    auto const shown = render_yaml(f.expand(), Origins::none);
    CHECK(shown.find("apiKey: (sensitive)") != std::string::npos);
    CHECK(shown.find("TOPSECRET") == std::string::npos);
    CHECK(shown.find("LICENCE-42") == std::string::npos);
  }

  TEST_CASE("render_yaml: shows everything that the layers give, in merged order") {
    Fixture const f(kConfiguration);
    CHECK(render_yaml(f.expand(), Origins::none) == R"(tenants:
  acme:
    region: eu
    paused: true
    values:
      origins:
        - https://portal.acme.example
    settings:
      enableAppOpeningFeedback: true
    licenseKey: (sensitive)
    name: "Acme\nAnalytics"
    roles:
      author:
        name: Author
        dependsOn:
          - groups/plain
    groups:
      analysts:
        name: acme-analysts
        assignedRoles:
          - author
          - Steward
        lifecycle:
          preventDestroy: true
      plain:
        name: "007"
    webIntegrations:
      portal:
        name: "yes"
        validOrigins:
          - https://portal.acme.example
    oauthClients:
      portal:
        clientName: "Portal: $${x} of ${tenant.hostname}"
        appType: web
        redirectUris: []
        deliverSecret:
          file: secrets/acme.json
)");
  }

  TEST_CASE("render_yaml: with origins every value has its file and line") {
    Fixture const f(
        "blueprints:\n  b: {roles: {r: {name: R, assignedScopes: [a]}}}\ntenants:\n"
        "  acme:\n    region: eu\n    blueprint: b\n"
        "    roles: {r: {assignedScopes: {$append: [b]}}}\n");
    CHECK(render_yaml(f.expand(), Origins::shown) == R"(tenants:
  acme:  # tenantry.yaml:5
    region: eu  # tenantry.yaml:6
    roles:
      r:  # tenantry.yaml:3
        name: R  # tenantry.yaml:3
        assignedScopes:  # tenantry.yaml:8
          - a  # tenantry.yaml:3
          - b  # tenantry.yaml:8
)");
  }

  TEST_CASE("render_yaml: what it writes is the same configuration without blueprints") {
    Fixture f(kConfiguration);
    auto const first = f.expand();
    auto yaml = render_yaml(first, Origins::shown);
    // A secret is not shown, so it must be put back.
    auto const masked = yaml.find("(sensitive)");
    REQUIRE(masked != std::string::npos);
    yaml.replace(masked, 11, "${var.key}");
    f.main("variables: {key: {env: KEY}}\n" + yaml);
    auto const again = f.expand();
    CHECK(again.digest == first.digest);
    CHECK(canonical(again.rendered) == canonical(first.rendered));
  }

  TEST_CASE("render_yaml: what would disguise text is escaped, and means the same") {
    // A tag character, a bidirectional override, C1, DEL, a line separator, an escape sequence.
    Fixture f(
        "tenants:\n  acme:\n    region: eu\n"
        "    name: \"x\\U000E0041\\u202Egnp\\x9b\\x7f\\u2028\\x1b[2J: # \\\\\"\n");
    auto const first = f.expand();
    auto const yaml = render_yaml(first, Origins::none);
    CHECK(yaml ==
          "tenants:\n  acme:\n    region: eu\n"
          "    name: \"x\\U000E0041\\u202Egnp\\x9b\\x7f\\u2028\\x1b[2J: # \\\\\"\n");
    f.main(yaml);
    CHECK(canonical(f.expand().rendered) == canonical(first.rendered));
  }
}
}  // namespace tenantry::config
