#include "engine/run/alias_handover.hpp"

#include <doctest/doctest.h>

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
  std::vector<plans::TenantPlan const*> all;
  for (auto const& tenant : tenants) all.push_back(&tenant);
  return handover_rounds(all);
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
    note_handovers(plan);
    REQUIRE(plan.tenants[0].changes.front().notes.size() == 1);
    CHECK(plan.tenants[0].changes.front().notes.front() ==
          "takes the alias two over from b, after that tenant gave it up");
    CHECK(plan.tenants[1].changes.front().notes.empty());
  }

  TEST_CASE("note_handovers: an alias is not taken before the wave in which it is given up") {
    plans::Plan plan;
    plan.waves = {{"canary"}, {"rest"}};
    plan.tenants = {moving("a", nullptr, "two"), moving("b", "two", "three")};
    plan.tenants[0].wave = "canary";
    plan.tenants[1].wave = "rest";
    note_handovers(plan);
    REQUIRE(plan.tenants[0].error);
    CHECK(plan.tenants[0].error->message ==
          "a: takes the alias two from b, which gives it up in the later wave rest");
    CHECK_FALSE(plan.tenants[1].error);
    plan.tenants = {moving("a", nullptr, "two"), moving("b", "two", "three")};
    plan.tenants[0].wave = "rest";
    plan.tenants[1].wave = "canary";
    note_handovers(plan);
    CHECK_FALSE(plan.tenants[0].error);
  }

  TEST_CASE("note_handovers: a circle is refused, and what only waits for it is not") {
    plans::Plan plan;
    plan.tenants = {moving("a", "one", "two"), moving("b", "two", "one"),
                    moving("c", "five", "six")};
    note_handovers(plan);
    REQUIRE(plan.tenants[0].error.has_value());
    CHECK(plan.tenants[0].error->code == Errc::conflict);
    CHECK(plan.tenants[0].changes.empty());
    CHECK(plan.tenants[1].error.has_value());
    CHECK_FALSE(plan.tenants[2].error.has_value());
  }
}

}  // namespace tenantry::run
