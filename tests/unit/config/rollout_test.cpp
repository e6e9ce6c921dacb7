#include <doctest/doctest.h>

#include "engine/config/configuration.hpp"
#include "tests/unit/config/fixture.hpp"

namespace tenantry::config {
using test::Fixture;
using test::resource;
namespace {

constexpr std::string_view kRollout = R"(
blueprints:
  standard: {roles: {author: {name: Author}}}
  standard-v12: {roles: {author: {name: Writer}}}
  extra: {groups: {analysts: {name: Analysts}}}
rollout:
  waves:
    - {name: canary, blueprints: {standard: standard-v12}}
    - {name: middle}
    - {name: rest, blueprints: {extra: standard-v12}}
  maxFailures: "2%"
tenants:
  first: {region: eu, blueprint: [standard, extra], wave: canary}
  second: {region: eu, blueprint: standard, wave: middle}
  third: {region: eu, blueprint: standard}
  ahead: {region: eu, blueprint: standard-v12, wave: middle}
)";

std::string role_of(Fixture const& fixture, std::string_view tenant) {
  return test::json(resource(fixture.expand(tenant), "roles/author").attributes);
}

}  // namespace

TEST_SUITE("rollout") {
  TEST_CASE("a wave's tenants use its version where the blueprint is written, others do not") {
    Fixture const fixture(kRollout);
    CHECK(role_of(fixture, "first") == R"({"name":"Writer"})");
    CHECK(test::has_resource(fixture.expand("first"), "groups/analysts"));
    CHECK(role_of(fixture, "second") == R"({"name":"Author"})");
    CHECK(role_of(fixture, "third") == R"({"name":"Author"})");
    CHECK(role_of(fixture, "ahead") == R"({"name":"Writer"})");
  }

  TEST_CASE("a tenant without a wave belongs to the last, also to what it pins") {
    Fixture const fixture(std::string(kRollout) + "  fourth: {region: eu, blueprint: extra}\n");
    CHECK(role_of(fixture, "fourth") == R"({"name":"Writer"})");
  }

  TEST_CASE("waves come in written order, with the failures that a wave may have") {
    Fixture const fixture(kRollout);
    auto const loaded = fixture.load();
    REQUIRE(loaded.configuration != nullptr);
    auto const& rollout = loaded.configuration->rollout();
    REQUIRE(rollout);
    REQUIRE(rollout->waves.size() == 3);
    CHECK(rollout->waves[1].name == "middle");
    CHECK(rollout->wave_of("canary") == 0);
    CHECK(rollout->wave_of("") == 2);
    CHECK(rollout->max_failures.allowed(597) == 11);
    CHECK(rollout->max_failures.allowed(3) == 0);
  }

  TEST_CASE("a rollout without waves says what to do instead") {
    Fixture const fixture("rollout: {waves: []}\ntenants: {acme: {region: eu}}\n");
    auto const text = format(fixture.load().diagnostics.sorted().at(0));
    CHECK(text.find("2:18: error: no wave") != std::string::npos);
    CHECK(text.find("leave `rollout` out") != std::string::npos);
  }

  TEST_CASE("without a rollout a tenant's wave means nothing, and without maxFailures none may") {
    Fixture const without("tenants: {acme: {region: eu, wave: whatever}}\n");
    auto const plain = without.load();
    REQUIRE(plain.configuration != nullptr);
    CHECK_FALSE(plain.configuration->rollout());
    Fixture const strict("rollout: {waves: [{name: all}]}\ntenants: {acme: {region: eu}}\n");
    auto const loaded = strict.load();
    REQUIRE(loaded.configuration != nullptr);
    CHECK(loaded.configuration->rollout()->max_failures.allowed(1000) == 0);
  }

  TEST_CASE("the version that a wave pins is part of what was applied, its name is not") {
    Fixture const fixture(kRollout);
    auto const pinned = fixture.expand("first").digest;
    auto text = std::string(kRollout);
    auto const pin = text.find(", blueprints: {standard: standard-v12}");
    text.erase(pin, std::string_view(", blueprints: {standard: standard-v12}").size());
    CHECK(Fixture(text).expand("first").digest != pinned);
    auto written = std::string(kRollout);
    written.replace(written.find("[standard, extra], wave: canary"),
                    std::string_view("[standard, extra], wave: canary").size(),
                    "[standard-v12, extra], wave: middle");
    CHECK(Fixture(written).expand("first").digest == pinned);
  }
}
}  // namespace tenantry::config
