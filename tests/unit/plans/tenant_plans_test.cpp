#include <doctest/doctest.h>
#include <fmt/format.h>

#include "plans/plan.hpp"
#include "plans/spool.hpp"
#include "plans/tenant_codec.hpp"
#include "random_plan.hpp"
#include "sample_plan.hpp"
#include "tests/support/plan_tenants.hpp"

namespace tenantry::plans {
namespace {

/// A tenant with what a saved plan leaves out, too.
TenantPlan whole_tenant(unsigned seed) {
  auto tenant = test::RandomPlan(seed).tenant("acme");
  tenant.wave = "canary";
  tenant.is_marked_applied = true;
  tenant.is_itself_unchanged = true;
  tenant.unchanged = 17;
  tenant.passed_over = true;
  tenant.partial = true;
  tenant.moves = {{{"old", {}, {}}, {"acme", {}, {}}}};
  tenant.warnings = {{Severity::warning, {"a.yaml", 3, 4}, "acme", "summary", "detail", "hint"}};
  state::ResourceRecord row;
  row.address = {"acme", "groups", "analysts"};
  row.id = RemoteId("id-1");
  row.applied = {{"name", "Analysts"}, {"count", std::uint64_t{18'000'000'000'000'000'000U}}};
  row.observed = {{"name", "analysts"}};
  row.secrets = {{"password", "salt:digest"}};
  row.extra = {{"region", "eu"}};
  row.prevent_destroy = true;
  row.depends_on = {{"acme", "roles", "author"}};
  row.created_at = "2026-03-01T12:00:00Z";
  row.updated_at = "2026-03-02T12:00:00Z";
  tenant.learned = {row};
  return tenant;
}

}  // namespace

TEST_SUITE("tenant plans") {
  TEST_CASE("read: a tenant comes back as it was added, with what no saved plan holds") {
    for (unsigned seed = 0; seed < 40; ++seed) {
      CAPTURE(seed);
      auto const tenant = whole_tenant(seed);
      TenantPlans plans;
      REQUIRE(plans.add(tenant).has_value());
      auto const read = plans.read(0);
      REQUIRE(read.has_value());
      CHECK(packed(*read) == packed(tenant));
      CHECK(read->learned == tenant.learned);
      CHECK(read->moves == tenant.moves);
      CHECK(read->warnings == tenant.warnings);
      CHECK(read->wave == "canary");
      CHECK(read->unchanged == 17);
      CHECK(read->is_marked_applied);
      CHECK(read->is_itself_unchanged);
      CHECK(read->passed_over);
      CHECK(read->partial);
      CHECK(read->refreshed == tenant.refreshed);
      REQUIRE(read->changes.size() == tenant.changes.size());
      for (std::size_t i = 0; i < tenant.changes.size(); ++i) {
        CHECK(digest_of(read->changes[i]) == digest_of(tenant.changes[i]));
        CHECK(read->changes[i].before == tenant.changes[i].before);
        CHECK(read->changes[i].after == tenant.changes[i].after);
        CHECK(read->changes[i].meta == tenant.changes[i].meta);
        CHECK(read->changes[i].where == tenant.changes[i].where);
        CHECK(read->changes[i].depends_on == tenant.changes[i].depends_on);
      }
    }
  }

  TEST_CASE("a summary tells what the changes are, and follows each edit") {
    Plan plan;
    plan.tenants = {test::varied_tenant()};
    auto const& summary = plan.tenants[0];
    CHECK(summary.key == "acme");
    CHECK(summary.region == "eu");
    CHECK(summary.count(Action::create) == 2);
    CHECK(summary.count(Action::delete_) == 1);
    CHECK(summary.changes() == 8);
    CHECK(summary.drifted == 1);
    CHECK(summary.deletes == 2);
    CHECK(summary.existing == 7);
    CHECK(summary.destroys);
    CHECK(summary.shown);
    CHECK(summary.live_differs);
    CHECK_FALSE(summary.guarded);
    tenantry::test::edit_change(
        plan, 0, [](Change& change) { change.guard = GuardHit{"rule", "message", "hint", false}; });
    CHECK(plan.tenants[0].guarded);
    CHECK(plan.tenants[0].stopped_by_guard());
    tenantry::test::edit_tenant(
        plan, 0, [](TenantPlan& tenant) { tenant.refuse(Error(Errc::conflict, "taken")); });
    CHECK(plan.tenants[0].error == Errc::conflict);
    CHECK_FALSE(plan.tenants[0].has_changes());
    CHECK(tenantry::test::tenant_at(plan, 0).error->message == "taken");
  }

  TEST_CASE("a copy of a plan does not change with it") {
    Plan plan = test::fleet_plan(2);
    auto const copy = plan;
    tenantry::test::edit_tenant(plan, 0, [](TenantPlan& tenant) { tenant.changes.clear(); });
    plan.tenants.set_wave(1, "canary");
    CHECK(tenantry::test::tenant_at(copy, 0).changes.size() == 2);
    CHECK(tenantry::test::tenant_at(copy, 1).wave.empty());
    CHECK(tenantry::test::tenant_at(plan, 1).wave == "canary");
  }

  TEST_CASE("drop_passed_over: what is left keeps its changes") {
    TenantPlans plans(3);
    auto const fleet = tenantry::test::tenants_of(test::fleet_plan(3));
    for (std::size_t i : {2U, 0U, 1U}) {  // in whichever order they are planned
      auto tenant = fleet[i];
      tenant.passed_over = i == 1;
      REQUIRE(plans.put(i, tenant).has_value());
    }
    CHECK(plans.drop_passed_over() == 1);
    REQUIRE(plans.size() == 2);
    CHECK(plans[1].key == "c0002");
    CHECK(plans.read(1).value().changes[0].address.tenant == "c0002");
  }

  TEST_CASE("try_each: ends with the first error") {
    auto const plan = test::fleet_plan(3);
    int seen = 0;
    auto const done = plan.tenants.try_each([&](TenantPlan const&) -> Result<void> {
      if (++seen == 2) return Error(Errc::io, "full");
      return {};
    });
    CHECK(seen == 2);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message == "full");
  }

  TEST_CASE("spool: pieces come back, those on disk and those still in memory") {
    Spool spool;
    std::vector<SpoolPlace> places;
    auto const piece = [](int i) {
      return std::string(10'000, static_cast<char>('a' + i % 26)) + fmt::format("{}", i);
    };
    constexpr int kPieces = 1'000;
    static_assert(kPieces * 10'000 > 2 * Spool::kMemoryMax);
    for (int i = 0; i < kPieces; ++i) {
      auto const place = spool.add(piece(i));
      REQUIRE(place.has_value());
      places.push_back(*place);
    }
    for (int i = 0; i < kPieces; ++i) {
      auto const read = spool.read(places[static_cast<std::size_t>(i)]);
      REQUIRE(read.has_value());
      CHECK(*read == piece(i));
    }
  }
}
}  // namespace tenantry::plans
