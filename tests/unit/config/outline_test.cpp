#include "engine/config/outline.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
namespace {

using Words = std::vector<std::string>;

Words tenants_of(Outline const& outline) {
  Words keys;
  for (auto const& tenant : outline.configuration->tenants()) keys.push_back(tenant.key);
  return keys;
}

TEST_SUITE("outline") {
  TEST_CASE("names are there though other parts are wrong") {
    test::Fixture fixture;
    fixture.folder.write("customers.csv", "key\ninitech\n");
    fixture.folder.write("tenantry.yaml", R"(apiVersion: tenantry/v1
variables: {mail: {default: x}}
regions: {eu: {clientID: a}}
blueprints: {standard: {grups: {}}}
rollout: {waves: [{name: canary}]}
tenants:
  globex: {region: nowhere, blueprint: none}
  acme: {region: eu, roles: {author: {name: Author, nonsense: 1}}}
fleets:
  customers: {from: customers.csv, region: eu, unknown: 1}
)");
    auto const found = outline(fixture.options);
    CHECK(tenants_of(found) == Words{"acme", "globex", "initech"});
    CHECK(found.blueprints == Words{"standard"});
    CHECK(found.variables == Words{"mail"});
    CHECK(found.configuration->rollout()->waves.front().name == "canary");
    CHECK(found.configuration->regions().contains("eu"));
  }

  TEST_CASE("a tenant of it is expanded, and one with mistakes as far as it goes") {
    test::Fixture fixture;
    fixture.folder.write("tenantry.yaml", R"(apiVersion: tenantry/v1
regions: {eu: {}}
tenants:
  acme: {region: eu, roles: {author: {name: Author}, bad: {name: "${values.none}"}}}
)");
    auto const found = outline(fixture.options);
    auto const tenant = found.configuration->expand("acme");
    Words addresses;
    for (auto const& resource : tenant.resources) addresses.push_back(resource.address.text());
    CHECK(addresses == Words{"acme/roles/author", "acme/roles/bad"});
  }

  TEST_CASE("no configuration at all has no names") {
    test::Fixture fixture;
    CHECK(tenants_of(outline(fixture.options)).empty());
  }
}

}  // namespace
}  // namespace tenantry::config
