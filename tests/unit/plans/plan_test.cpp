#include "plans/plan.hpp"

#include <doctest/doctest.h>

#include <set>

namespace tenantry::plans {
namespace {

constexpr auto kActionsAll = {
    Action::no_op, Action::create,     Action::update,     Action::replace, Action::delete_,
    Action::adopt, Action::deactivate, Action::reactivate, Action::release, Action::forget};

TEST_SUITE("plan") {
  TEST_CASE("name_of: every action and reason is read back, and unknown names are refused") {
    std::set<std::string_view> names;
    for (auto const action : kActionsAll) {
      CHECK(parse_action(name_of(action)).value() == action);
      names.insert(name_of(action));
    }
    CHECK(names.size() == kActionsAll.size());
    for (int i = 0; i <= static_cast<int>(Reason::attributes_released); ++i) {
      auto const reason = static_cast<Reason>(i);
      CHECK(parse_reason(name_of(reason)).value() == reason);
    }
    CHECK_FALSE(parse_action("destroy").has_value());
    CHECK_FALSE(parse_reason("").has_value());
  }

  TEST_CASE("symbol_of: as Terraform writes them") {
    CHECK(symbol_of(Action::create) == "+");
    CHECK(symbol_of(Action::replace) == "-/+");
    CHECK(symbol_of(Action::adopt) == ">");
  }

  TEST_CASE("digest_of: stable, and another one as soon as the change would do something else") {
    Change change;
    change.address = {"acme", "groups", "analysts"};
    change.action = Action::update;
    change.id = RemoteId("g1");
    AttributeChange attribute;
    attribute.name = "name";
    attribute.after = "A";
    change.attributes.push_back(attribute);
    auto const digest = digest_of(change);
    CHECK(digest == "c8edd82b132d");
    auto other = change;
    other.updated_at = "2026-03-01T00:00:00Z";  // who looked when does not matter
    CHECK(digest_of(other) == digest);
    other = change;
    other.action = Action::delete_;
    CHECK(digest_of(other) != digest);
    other = change;
    other.id = RemoteId("g2");
    CHECK(digest_of(other) != digest);
    other = change;
    other.attributes[0].after = "B";
    CHECK(digest_of(other) != digest);
    other = change;
    other.secrets["password"] = "s:d";
    CHECK(digest_of(other) != digest);
    other = change;
    other.address.key = "others";
    CHECK(digest_of(other) != digest);
  }

  TEST_CASE("calls_api: false for what changes the state alone") {
    for (auto const action : kActionsAll) {
      bool const quiet =
          action == Action::no_op || action == Action::release || action == Action::forget;
      CHECK(calls_api(action) == !quiet);
    }
  }

  TEST_CASE("count_actions: counts over all tenants") {
    TenantPlan same, new_one;
    same.changes.resize(2);
    new_one.changes.resize(1);
    new_one.changes[0].action = Action::create;
    Plan plan;
    plan.tenants = {same, new_one};
    CHECK(count_actions(plan) ==
          std::map<Action, std::int64_t>{{Action::no_op, 2}, {Action::create, 1}});
    CHECK(plan.has_changes());
    CHECK_FALSE(plan.tenants[0].has_changes());
    CHECK_FALSE(plan.has_errors());
    auto const edited = plan.tenants.edit(
        0, [](TenantPlan& tenant) { tenant.error = Error(Errc::connection, "no route"); });
    REQUIRE(edited.has_value());
    CHECK(plan.has_errors());
  }
}
}  // namespace
}  // namespace tenantry::plans
