#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::json;
using test::resource;
using Lines = std::vector<std::string>;

namespace {

constexpr std::string_view kExample = R"(
variables:
  licenseKey: {env: QLIK_LICENSE_KEY, sensitive: true}
  euSecret: {env: QLIK_EU_CLIENT_SECRET, sensitive: true}
  supportMail: {default: support@example.com}
regions:
  eu:
    clientId: ${var.euClient:-oem-eu}
    clientSecret: ${var.euSecret}
    licenseKey: ${var.licenseKey}
    values: {kmsRegion: eu-west-1}
blueprints:
  standard:
    parameters:
      origins: {type: list, required: true}
      kmsArn: {type: string}
    settings:
      autoAssignCreateSharedSpacesRoleToProfessionals: false
    roles:
      author: {name: Report author, description: Builds reports}
    groups:
      analysts:
        name: ${tenant.key}-analysts
        providerType: custom
        assignedRoles: [author, AnalyticsAdmin]
      keys: {when: "${values.kmsArn:-}", name: Keys, description: "${values.kmsArn}"}
    webIntegrations:
      portal: {name: Portal, validOrigins: "${values.origins}"}
    oauthClients:
      portal:
        clientName: Portal
        appType: web
        allowedGrantTypes: [client_credentials]
        deliverSecret: {file: "secrets/${tenant.key}-portal.json"}
tenants:
  acme:
    region: eu
    blueprint: standard
    name: Acme Analytics
    alias: acme
    datacenter: eu-west-1
    values: {origins: ["https://portal.acme.example"]}
    groups:
      analysts: {description: "Analysts of Acme", assignedRoles: {$append: [Steward]}}
    lifecycle: {preventDestroy: true}
  legacy:
    region: eu
    hostname: old-name.eu.qlikcloud.com
  globex:
    region: eu
    blueprint: standard
    values: {origins: []}
    status: deactivated
    purgeAfterDays: 30
  initech: {region: eu, paused: true}
policy:
  maxCreates: 10
  maxDeletes: "2%"
  drift: {"*/brands/*": report, "*/groups/*/assignedRoles": revert}
)";

}  // namespace

TEST_SUITE("load") {
  TEST_CASE("load: a configuration with regions, blueprints and tenants is expanded") {
    Fixture fixture(kExample);
    fixture.options.target = Target::qlik_cloud;
    REQUIRE(fixture.messages() == Lines{});
    auto const tenant = fixture.expand();
    CHECK(tenant.summary.alias == "acme");
    CHECK(json(tenant.self.attributes) ==
          R"({"alias":"acme","autoAssignCreateSharedSpacesRoleToProfessionals":false,)"
          R"("datacenter":"eu-west-1","name":"Acme Analytics"})");
    CHECK(tenant.self.lifecycle.prevent_destroy);
    CHECK(tenant.resources.size() == 4);
    auto const& analysts = resource(tenant, "groups/analysts");
    CHECK(json(analysts.attributes) ==
          R"({"assignedRoles":["author","AnalyticsAdmin","Steward"],)"
          R"("description":"Analysts of Acme","name":"acme-analysts","providerType":"custom"})");
    CHECK(analysts.depends_on == std::vector<Address>{{"acme", "roles", "author"}});
    CHECK(json(resource(tenant, "oauthClients/portal").meta) ==
          R"({"deliverSecret":{"file":"secrets/acme-portal.json"}})");
    CHECK(json(resource(tenant, "webIntegrations/portal").attributes) ==
          R"({"name":"Portal","validOrigins":["https://portal.acme.example"]})");
    CHECK(is_sensitive(tenant.license_key.text));
  }

  TEST_CASE("load: regions, policy and tenants are known without expansion") {
    Fixture fixture(kExample);
    auto const loaded = fixture.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const& c = *loaded.configuration;
    CHECK(c.regions().at("eu").credential.client_id.text == Value("oem-eu"));
    CHECK(is_sensitive(c.regions().at("eu").credential.client_secret.text));
    CHECK(c.policy().max_creates->allowed(1000) == 10);
    CHECK(c.policy().max_deletes->allowed(150) == 3);
    CHECK_FALSE(c.policy().max_deactivates.has_value());
    REQUIRE(c.policy().drift.size() == 2);
    CHECK(c.policy().drift[0].mode == DriftMode::report);
    REQUIRE(c.tenants().size() == 4);
    CHECK(c.tenants()[0].key == "acme");
    CHECK(c.tenants()[0].alias == "acme");
    CHECK(c.tenants()[1].status == TenantStatus::deactivated);
    CHECK(c.tenants()[2].paused);
    CHECK(c.tenants()[3].hostname == "old-name.eu.qlikcloud.com");
    CHECK(c.expand("globex").purge_after_days == 30);
  }

  TEST_CASE("load: no sensitive variable is read, only revealed later") {
    Fixture fixture(kExample);
    fixture.environment["QLIK_EU_CLIENT_SECRET"] = "s3cret";
    fixture.environment["QLIK_LICENSE_KEY"] = "licence";
    auto const loaded = fixture.load();
    REQUIRE(loaded.configuration != nullptr);
    CHECK(fixture.asked.empty());
    auto const& c = *loaded.configuration;
    auto const secret = reveal(c.regions().at("eu").credential.client_secret, c.variables());
    REQUIRE(secret.has_value());
    CHECK(secret->reveal() == "s3cret");
    CHECK(fixture.asked == Lines{"QLIK_EU_CLIENT_SECRET"});
  }

  TEST_CASE("expand: the same tenant twice gives the same digest, another one does not") {
    Fixture fixture(kExample);
    auto const loaded = fixture.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const a = loaded.configuration->expand("acme");
    CHECK(a.digest == loaded.configuration->expand("acme").digest);
    CHECK(a.digest != loaded.configuration->expand("globex").digest);
    CHECK(a.digest.size() == 64);
  }

  TEST_CASE("expand: every attribute knows the line it comes from") {
    Fixture fixture(kExample);
    auto const tenant = fixture.expand();
    auto const& analysts = resource(tenant, "groups/analysts");
    CHECK(analysts.where.text() == "tenantry.yaml:23:7");
    CHECK(analysts.origin("/name").text() == "tenantry.yaml:24:15");
    CHECK(analysts.origin("/assignedRoles/2").text() == "tenantry.yaml:45:77");
    CHECK(analysts.origin("/description").text() == "tenantry.yaml:45:31");
    CHECK(tenant.self.where.text() == "tenantry.yaml:37:3");
  }

  TEST_CASE("load: the quick start needs neither regions nor credentials") {
    Fixture const fixture("tenants: {acme: {region: eu, name: Acme}}\n");
    CHECK(fixture.messages() == Lines{});
    CHECK(fixture.load().configuration->regions().contains("eu"));
  }
}
}  // namespace tenantry::config
