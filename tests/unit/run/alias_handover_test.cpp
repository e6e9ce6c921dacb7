#include "engine/run/alias_handover.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/support/plan_tenants.hpp"

namespace tenantry::run {
namespace {

plans::TenantPlan moving(std::string key, Value before, Value after, std::string region = "eu") {
  plans::TenantPlan plan;
  plan.key = key;
  plan.region = std::move(region);
  plans::Change change;
  change.address = {std::move(key), {}, {}};
  change.action = plans::Action::update;
  plans::AttributeChange alias;
  alias.name = "alias";
  alias.before = std::move(before);
  alias.after = std::move(after);
  change.attributes.push_back(std::move(alias));
  plan.changes.push_back(std::move(change));
  return plan;
}

std::vector<std::vector<std::size_t>> rounds(std::vector<plans::TenantPlan> const& tenants) {
  std::vector<std::size_t> all(tenants.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return handover_rounds(test::packed(tenants), all).value();
}

}  // namespace

TEST_SUITE("alias handover") {
  TEST_CASE("handover_rounds: tenants that take nothing from each other are one round") {
    CHECK(rounds({moving("a", "one", "two"), moving("b", "three", "four")}) ==
          std::vector<std::vector<std::size_t>>{{0, 1}});
    CHECK(rounds({}).empty());
    // Another region has aliases of its own.
    CHECK(rounds({moving("a", "one", "two", "us"), moving("b", "two", "three")}).size() == 1);
  }

  TEST_CASE("handover_rounds: who gives an alias away comes before who takes it") {
    CHECK(rounds({moving("a", "one", "two"), moving("b", "two", "three"),
                  moving("c", "three", "four"), moving("d", nullptr, "five")}) ==
          std::vector<std::vector<std::size_t>>{{2, 3}, {1}, {0}});
  }

  TEST_CASE("note_handovers: the taking change says from whom") {
    plans::Plan plan;
    plan.tenants = {moving("a", nullptr, "two"), moving("b", "two", "three")};
    REQUIRE(note_handovers(plan).has_value());
    REQUIRE(test::change_at(plan, 0).notes.size() == 1);
    CHECK(test::change_at(plan, 0).notes.front() ==
          "takes the alias two over from b, after that tenant gave it up");
    CHECK(test::change_at(plan, 1).notes.empty());
  }

  TEST_CASE("note_handovers: an alias is not taken before the wave in which it is given up") {
    plans::Plan plan;
    plan.waves = {{"canary"}, {"rest"}};
    plan.tenants = {moving("a", nullptr, "two"), moving("b", "two", "three")};
    plan.tenants.set_wave(0, "canary");
    plan.tenants.set_wave(1, "rest");
    REQUIRE(note_handovers(plan).has_value());
    REQUIRE(plan.tenants[0].error);
    CHECK(test::tenant_at(plan, 0).error->message ==
          "a: takes the alias two from b, which gives it up in the later wave rest");
    CHECK_FALSE(plan.tenants[1].error);
    plan.tenants = {moving("a", nullptr, "two"), moving("b", "two", "three")};
    plan.tenants.set_wave(0, "rest");
    plan.tenants.set_wave(1, "canary");
    REQUIRE(note_handovers(plan).has_value());
    CHECK_FALSE(plan.tenants[0].error);
  }

  TEST_CASE("note_handovers: a circle is refused, and what only waits for it is not") {
    plans::Plan plan;
    plan.tenants = {moving("a", "one", "two"), moving("b", "two", "one"),
                    moving("c", "five", "six")};
    REQUIRE(note_handovers(plan).has_value());
    REQUIRE(plan.tenants[0].error.has_value());
    CHECK(plan.tenants[0].error == Errc::conflict);
    CHECK(test::tenant_at(plan, 0).changes.empty());
    CHECK(plan.tenants[1].error.has_value());
    CHECK_FALSE(plan.tenants[2].error.has_value());
  }
}

}  // namespace tenantry::run
