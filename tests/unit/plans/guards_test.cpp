#include "plans/guards.hpp"

#include <doctest/doctest.h>

#include "tests/support/plan_tenants.hpp"

namespace tenantry::plans {
namespace {
using tenantry::test::change_at;
using tenantry::test::edit_change;
using tenantry::test::tenant_at;

Change tenant_change(std::string key, Action action, Reason reason) {
  Change change;
  change.address.tenant = std::move(key);
  change.action = action;
  change.reason = reason;
  return change;
}

Change resource_change(std::string tenant, Action action) {
  Change change;
  change.address = {std::move(tenant), "groups", "analysts"};
  change.action = action;
  change.where = {"tenantry.yaml", 1, 1};
  return change;
}

/// A tenant for each change.
Plan plan_of(std::vector<Change> changes) {
  Plan plan;
  for (auto& change : changes) {
    TenantPlan tenant;
    tenant.key = change.address.tenant;
    tenant.changes.push_back(std::move(change));
    REQUIRE(plan.tenants.add(tenant).has_value());
  }
  return plan;
}

std::string rule(Plan const& plan, std::size_t tenant) {
  auto const guard = change_at(plan, tenant).guard;
  return guard ? guard->rule : std::string();
}

/// Addresses of what stop_over_limits stops.
std::vector<std::string> stopped_now(Plan& plan, GuardLimits const& limits,
                                     GuardCounts const& totals,
                                     std::set<std::string> const& acknowledged) {
  std::vector<std::string> stopped;
  auto const done = stop_over_limits(plan, limits, totals, acknowledged, [&](Change const& change) {
    stopped.push_back(change.address.text());
  });
  REQUIRE(done.has_value());
  return stopped;
}

TEST_SUITE("guards") {
  TEST_CASE("apply_guards: preventDestroy stops delete, replace and deactivate, of the state too") {
    for (auto const action : {Action::delete_, Action::replace, Action::deactivate}) {
      auto plan = plan_of({resource_change("a", action)});
      edit_change(plan, 0, [](Change& c) { c.prevent_destroy = true; });
      edit_change(plan, 0, [](Change& c) { c.reason = Reason::declared_deactivated; });
      REQUIRE(apply_guards(plan, {}).has_value());
      CHECK(rule(plan, 0) == "preventDestroy");
      CHECK(plan.tenants[0].stopped_by_guard());
    }
    auto gone = plan_of({resource_change("a", Action::delete_)});
    edit_change(gone, 0, [](Change& c) { c.prevent_destroy = true; });
    edit_change(gone, 0, [](Change& c) { c.where = {}; });
    REQUIRE(apply_guards(gone, {}).has_value());
    CHECK(change_at(gone, 0).guard->message.find("which the state records") != std::string::npos);

    auto updated = plan_of({resource_change("a", Action::update)});
    edit_change(updated, 0, [](Change& c) { c.prevent_destroy = true; });
    REQUIRE(apply_guards(updated, {}).has_value());
    CHECK(rule(updated, 0).empty());
  }

  TEST_CASE("parts_of: the same delete has the same name, that of another object another one") {
    auto const parts = [](Change change) {
      TenantPlan tenant;
      tenant.changes.push_back(std::move(change));
      return parts_of(tenant);
    };
    auto const deleted = [&](std::string id, Action action, bool destructive = false) {
      auto change = resource_change("a", action);
      change.id = RemoteId(std::move(id));
      change.destructive = destructive;
      return parts(std::move(change)).deletes;
    };
    using Names = std::vector<std::string>;
    CHECK(deleted("1", Action::delete_) == Names{"a/groups/analysts 1"});
    CHECK(deleted("1", Action::replace) == deleted("1", Action::delete_));
    CHECK(deleted("1", Action::update, true) == deleted("1", Action::delete_));
    CHECK(deleted("2", Action::delete_) != deleted("1", Action::delete_));
    CHECK(deleted("1", Action::update).empty());
    auto const made = parts(tenant_change("b", Action::create, Reason::not_in_state));
    CHECK(made.creates == Names{"b"});
    auto const ended = parts(tenant_change("c", Action::deactivate, Reason::tenant_removed));
    CHECK(ended.deactivates == Names{"c"});
    CHECK(ended.deletes.empty());
  }

  TEST_CASE("apply_guards: a hit stops its tenant only, and its digest lets it through") {
    auto plan =
        plan_of({resource_change("a", Action::delete_), resource_change("b", Action::delete_)});
    edit_change(plan, 0, [](Change& c) { c.prevent_destroy = true; });
    REQUIRE(apply_guards(plan, {}).has_value());
    CHECK(plan.tenants[0].stopped_by_guard());
    CHECK_FALSE(plan.tenants[1].stopped_by_guard());
    auto const digest = digest_of(change_at(plan, 0));
    CHECK(change_at(plan, 0).guard->hint.ends_with("--acknowledge " + digest));

    GuardInput input;
    input.acknowledged = {digest};
    REQUIRE(apply_guards(plan, input).has_value());
    REQUIRE(change_at(plan, 0).guard.has_value());
    CHECK(change_at(plan, 0).guard->acknowledged);
    CHECK_FALSE(plan.tenants[0].stopped_by_guard());
  }

  TEST_CASE("apply_guards: a limit stops all that it counts once it is exceeded") {
    auto plan =
        plan_of({resource_change("a", Action::delete_), resource_change("b", Action::replace),
                 resource_change("c", Action::update)});
    GuardInput input;
    input.limits.deletes_max = 2;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0).empty());
    input.limits.deletes_max = 1;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0) == "policy.maxDeletes");
    CHECK(change_at(plan, 0).guard->message ==
          "2 resources would be deleted, policy.maxDeletes allows 1");
    CHECK(rule(plan, 1) == "policy.maxDeletes");
    CHECK(rule(plan, 2).empty());
    input.acknowledged = {digest_of(change_at(plan, 0))};
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK_FALSE(plan.tenants[0].stopped_by_guard());
    CHECK(plan.tenants[1].stopped_by_guard());
  }

  TEST_CASE("apply_guards: creations and deactivations of tenants have limits of their own") {
    auto plan = plan_of({tenant_change("a", Action::create, Reason::not_in_state),
                         resource_change("b", Action::create),
                         tenant_change("c", Action::deactivate, Reason::declared_deactivated)});
    GuardInput input;
    input.limits.creates_max = 0;
    input.limits.deactivates_max = 0;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0) == "policy.maxCreates");
    CHECK(rule(plan, 1).empty());
    CHECK(rule(plan, 2) == "policy.maxDeactivates");
  }

  TEST_CASE("apply_guards: a vanished tenant needs --allow-deactivate, a declared one does not") {
    auto plan = plan_of({tenant_change("a", Action::deactivate, Reason::tenant_removed),
                         tenant_change("b", Action::deactivate, Reason::declared_deactivated)});
    REQUIRE(apply_guards(plan, {}).has_value());
    CHECK(rule(plan, 0) == "allow-deactivate");
    CHECK(plan.tenants[0].stopped_by_guard());
    CHECK(rule(plan, 1).empty());

    GuardInput input;
    input.allow_deactivate = true;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0) == "allow-deactivate");  // still to be seen
    CHECK_FALSE(plan.tenants[0].stopped_by_guard());

    input.limits.deactivates_max = 1;  // lifting one rule does not lift another
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0) == "policy.maxDeactivates");
    CHECK(plan.tenants[0].stopped_by_guard());

    GuardInput acknowledged;
    acknowledged.acknowledged = {digest_of(change_at(plan, 0))};
    REQUIRE(apply_guards(plan, acknowledged).has_value());
    CHECK_FALSE(plan.tenants[0].stopped_by_guard());
  }

  TEST_CASE("apply_guards: an empty configuration removes nothing unless destroy was asked for") {
    auto plan = plan_of({resource_change("a", Action::delete_),
                         tenant_change("b", Action::deactivate, Reason::tenant_removed)});
    GuardInput input;
    input.empty_configuration = true;
    input.allow_deactivate = true;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0) == "empty-configuration");
    CHECK(rule(plan, 1) == "empty-configuration");
    plan.destroy = true;
    REQUIRE(apply_guards(plan, input).has_value());
    CHECK(rule(plan, 0).empty());
  }

  TEST_CASE("stop_over_limits: what other runs plan counts, and a digest lets one through") {
    auto plan = plan_of({tenant_change("a", Action::create, Reason::not_in_state),
                         tenant_change("b", Action::create, Reason::not_in_state),
                         resource_change("c", Action::delete_)});
    GuardLimits const limits{.creates_max = 5, .deletes_max = 5};
    CHECK(stopped_now(plan, limits, {.creates = 5, .deletes = 5}, {}).empty());
    CHECK(rule(plan, 0).empty());
    auto const digest = digest_of(change_at(plan, 1));
    CHECK(stopped_now(plan, limits, {.creates = 6, .deletes = 5}, {digest}) ==
          std::vector<std::string>{"a"});
    CHECK(rule(plan, 0) == "policy.maxCreates");
    CHECK(plan.tenants[0].stopped_by_guard());
    CHECK(change_at(plan, 0).guard->message ==
          "6 tenants would be created by all runs that share the limit, policy.maxCreates allows "
          "5");
    CHECK_FALSE(plan.tenants[1].stopped_by_guard());
    CHECK(rule(plan, 2).empty());
  }

  TEST_CASE("stop_over_limits: what was let through when the plan was made stays so") {
    auto plan = plan_of({tenant_change("a", Action::create, Reason::not_in_state),
                         tenant_change("b", Action::deactivate, Reason::tenant_removed)});
    edit_change(plan, 0, [](Change& c) { c.guard = GuardHit{"policy.maxCreates", "", "", true}; });
    edit_change(plan, 1, [](Change& c) { c.guard = GuardHit{"allow-deactivate", "", "", true}; });
    stopped_now(plan, {.creates_max = 0, .deactivates_max = 0}, {.creates = 1, .deactivates = 1},
                {});
    CHECK_FALSE(plan.tenants[0].stopped_by_guard());
    // --allow-deactivate lifts another rule than the limit.
    CHECK(rule(plan, 1) == "policy.maxDeactivates");
  }

  TEST_CASE("counts_of: a tenant's creation, its deletions, its deactivation") {
    auto const plan = plan_of({tenant_change("a", Action::create, Reason::not_in_state),
                               resource_change("b", Action::delete_),
                               tenant_change("c", Action::deactivate, Reason::held)});
    CHECK(counts_of(tenant_at(plan, 0)).creates == 1);
    CHECK(counts_of(tenant_at(plan, 1)).deletes == 1);
    CHECK(counts_of(tenant_at(plan, 2)).deactivates == 0);
  }
}
}  // namespace
}  // namespace tenantry::plans
