#include "engine/run/waves.hpp"

#include "tests/unit/config/fixture.hpp"

namespace tenantry::run {
namespace {

constexpr std::string_view kRollout = R"(
rollout:
  waves: [{name: canary}, {name: rest}]
  maxFailures: 1
tenants:
  a: {region: eu, wave: canary}
  b: {region: eu}
  c: {region: eu, wave: rest}
  d: {region: eu, wave: canary, paused: true}
)";

std::shared_ptr<config::Configuration const> load(std::string_view text = kRollout) {
  test::Fixture const fixture(text);
  auto loaded = fixture.load();
  REQUIRE(loaded.configuration != nullptr);
  return loaded.configuration;
}

plans::Plan plan_of(std::vector<std::string> const& keys) {
  plans::Plan plan;
  for (auto const& key : keys) {
    plans::TenantPlan tenant;
    tenant.key = key;
    REQUIRE(plan.tenants.add(tenant).has_value());
  }
  return plan;
}

}  // namespace

TEST_SUITE("waves") {
  TEST_CASE("assign_waves: the whole fleet counts, also where the plan is of a part") {
    auto const configuration = load();
    auto plan = plan_of({"a", "c", "gone"});
    assign_waves(plan, *configuration, {"a", "b", "gone"});
    CHECK(plan.waves == std::vector<plans::Wave>{{"canary", 1, 1}, {"rest", 3, 1}});
    CHECK(plan.tenants[0].wave == "canary");
    CHECK(plan.tenants[1].wave == "rest");
    CHECK(plan.tenants[2].wave == "rest");  // what left the configuration comes last
  }

  TEST_CASE("assign_waves: no waves without a rollout, and none where all is destroyed") {
    auto plain = plan_of({"a"});
    assign_waves(plain, *load("tenants: {a: {region: eu}}\n"), {});
    CHECK(plain.waves.empty());
    CHECK(plain.tenants[0].wave.empty());
    auto destroying = plan_of({"a"});
    destroying.destroy = true;
    assign_waves(destroying, *load(), {});
    CHECK(destroying.waves.empty());
  }

  TEST_CASE("WaveFilter: the tenants of the named waves; without names all") {
    auto const configuration = load();
    auto const canary = WaveFilter::of(*configuration, {"canary"});
    REQUIRE(canary.has_value());
    CHECK(canary->includes("a"));
    CHECK_FALSE(canary->includes("b"));
    CHECK_FALSE(canary->includes("gone"));
    auto const rest = WaveFilter::of(*configuration, {"rest"});
    REQUIRE(rest.has_value());
    CHECK(rest->includes("b"));
    CHECK(rest->includes("gone"));
    auto const both = WaveFilter::of(*configuration, {"rest", "canary"});
    CHECK(both->includes("a"));
    CHECK(WaveFilter::of(*load("tenants: {}\n"), {})->includes("a"));
  }

  TEST_CASE("WaveFilter: an unknown wave is an error with the nearest name") {
    auto const configuration = load();
    auto const filter = WaveFilter::of(*configuration, {"canry"});
    REQUIRE(!filter.has_value());
    CHECK(filter.error().message ==
          "--wave canry: there is no such wave (did you mean \"canary\"?)");
    auto const plain = load("tenants: {}\n");
    CHECK_FALSE(WaveFilter::of(*plain, {"canary"}).has_value());
  }
}
}  // namespace tenantry::run
