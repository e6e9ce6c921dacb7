#include "plans/unchanged_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "plans/render.hpp"
#include "tests/support/plan_tenants.hpp"
#include "tests/unit/plans/sample_plan.hpp"

namespace tenantry::plans {
namespace {

bool is_plain_no_op(Change const& change) {
  return !is_shown(change) && change.reason == Reason::none;
}

/// What the planner does with a plan that is not to be held in memory.
void move_unchanged(Plan& plan, UnchangedFile& file) {
  auto tenants = tenantry::test::tenants_of(plan);
  for (auto& tenant : tenants) {
    std::vector<Change> unchanged;
    std::ranges::copy_if(tenant.changes, std::back_inserter(unchanged), is_plain_no_op);
    std::erase_if(tenant.changes, is_plain_no_op);
    tenant.is_itself_unchanged = !unchanged.empty() && unchanged.front().address.is_tenant();
    tenant.unchanged = unchanged.size() - (tenant.is_itself_unchanged ? 1 : 0);
    REQUIRE(file.add(tenant.key, unchanged).has_value());
  }
  plan.tenants = tenantry::test::packed(tenants);
}

}  // namespace

TEST_SUITE("unchanged file") {
  TEST_CASE("write_terraform_json: with the no-ops in a file it is the same text") {
    auto plan = test::varied_plan();
    for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
      tenantry::test::edit_tenant(plan, i, [](TenantPlan& tenant) {
        std::ranges::sort(tenant.changes, {}, &Change::address);
      });
    }
    auto const whole = to_terraform_json(plan).value();
    auto file = UnchangedFile::create();
    REQUIRE(file.has_value());
    move_unchanged(plan, *file);
    REQUIRE(std::ranges::any_of(plan.tenants, [](auto const& t) { return t.unchanged > 0; }));
    std::string pieces;
    auto const written =
        write_terraform_json(plan, &*file, [&](std::string_view text) { pieces += text; });
    REQUIRE(written.has_value());
    CHECK(pieces == whole);
  }

  TEST_CASE("of: gives what was added, and nothing of others") {
    auto const plan = test::varied_plan();
    auto const tenant = tenantry::test::tenant_at(plan, 0);
    auto file = UnchangedFile::create();
    REQUIRE(file.has_value());
    REQUIRE(file->add(tenant.key, tenant.changes).has_value());
    REQUIRE(file->add("other", {}).has_value());
    auto const entries = file->of(tenant.key);
    REQUIRE(entries.has_value());
    REQUIRE(entries->size() == tenant.changes.size());
    for (std::size_t i = 0; i < entries->size(); ++i) {
      CHECK((*entries)[i].address == tenant.changes[i].address);
      CHECK((*entries)[i].change.starts_with("{\n"));
    }
    CHECK(file->of("other")->empty());
    CHECK(file->of("unknown")->empty());
  }
}
}  // namespace tenantry::plans
