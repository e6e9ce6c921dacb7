#include "cli/planning.hpp"

#include <doctest/doctest.h>

using namespace tenantry;

namespace {

plans::Plan sample_plan() {
  plans::TenantPlan tenant;
  tenant.key = "acme";
  plans::Change change;
  change.address = Address{"acme", "groups", "analysts"};
  tenant.changes.push_back(change);
  plans::TenantPlan broken;
  broken.key = "globex";
  broken.error = Error(Errc::connection, "no route");
  plans::Plan plan;
  plan.tenants = {tenant, broken};
  return plan;
}

}  // namespace

TEST_SUITE("planning") {
  TEST_CASE("check_patterns: addresses, tenants and globs that fit something") {
    auto const plan = sample_plan();
    for (std::string const pattern : {"acme", "acme/groups/analysts", "*/groups/*", "globex"}) {
      CHECK_MESSAGE(cli::check_patterns(plan, "--target", {pattern}).has_value(), pattern);
    }
  }

  TEST_CASE("check_patterns: a pattern that fits nothing is an error with the nearest address") {
    auto const checked = cli::check_patterns(sample_plan(), "--target", {"acme/groups/analyst"});
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == Errc::not_found);
    CHECK(checked.error().message ==
          "--target acme/groups/analyst fits no address (did you mean \"acme/groups/analysts\"?)");
  }

  TEST_CASE("check_patterns: what is in a tenant that could not be planned is not known") {
    CHECK(cli::check_patterns(sample_plan(), "--target", {"globex/groups/x"}).has_value());
    CHECK_FALSE(cli::check_patterns(sample_plan(), "--target", {"initech/groups/x"}).has_value());
  }

  TEST_CASE("check_patterns: a plan of drift alone holds only what drifted") {
    auto plan = sample_plan();
    plan.refresh_only = true;
    CHECK(cli::check_patterns(plan, "--target", {"acme/roles/author"}).has_value());
    CHECK_FALSE(cli::check_patterns(plan, "--target", {"initech"}).has_value());
  }

  TEST_CASE("check_patterns: what the plan only counts may be meant") {
    auto plan = sample_plan();
    CHECK_FALSE(cli::check_patterns(plan, "--target", {"acme/roles/*"}).has_value());
    plan.fitting.insert("acme/roles/*");
    CHECK(cli::check_patterns(plan, "--target", {"acme/roles/*"}).has_value());
  }

  TEST_CASE("plan_format: --json is --format json, and no other") {
    CHECK(cli::plan_format("text", true).value() == cli::PlanFormat::json);
    CHECK(cli::plan_format("json", false).value() == cli::PlanFormat::json);
    CHECK(cli::plan_format("text", false).value() == cli::PlanFormat::text);
    CHECK_FALSE(cli::plan_format("html", true).has_value());
    CHECK(cli::plan_format("html", false).value() == cli::PlanFormat::html);
    CHECK(cli::plan_format("markdown", false).value() == cli::PlanFormat::markdown);
    CHECK(cli::plan_format("github", false).value() == cli::PlanFormat::github);
  }
}
