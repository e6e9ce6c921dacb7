#include "engine/core/address.hpp"

#include <doctest/doctest.h>

namespace tenantry {
TEST_SUITE("address") {
  TEST_CASE("parse_address: reads what text writes") {
    auto const tenant = parse_address("acme");
    REQUIRE(tenant.has_value());
    CHECK(tenant->is_tenant());
    auto const group = parse_address("acme/groups/analysts");
    REQUIRE(group.has_value());
    CHECK(group->text() == "acme/groups/analysts");
    auto const settings = parse_address("acme/groupSettings");
    REQUIRE(settings.has_value());
    CHECK_FALSE(settings->is_tenant());
    CHECK(settings->section == "groupSettings");
    CHECK(settings->text() == "acme/groupSettings");
  }

  TEST_CASE("parse_address: refuses what is no address") {
    for (auto const* text : {"", "a/", "/b", "a//c", "a/b/c/d", "a b", "/b/c"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_address(text).has_value());
    }
  }

  TEST_CASE("glob_matches: one star stays within a part of the address") {
    CHECK(glob_matches("*/groups/*", "acme/groups/analysts"));
    CHECK_FALSE(glob_matches("*/analysts", "acme/groups/analysts"));
    CHECK(glob_matches("**/analysts", "acme/groups/analysts"));
    CHECK(glob_matches("acme/groups/an?lysts", "acme/groups/analysts"));
    CHECK_FALSE(glob_matches("acme/groups/b*", "acme/groups/analysts"));
    CHECK(glob_matches("a*b*c", "aXXbYYc"));
  }

  TEST_CASE("glob_matches: where one star may not go on, two stars before it may") {
    CHECK(glob_matches("**/x*y", "a/xb/xcy"));
    CHECK(glob_matches("**/assigned*s", "acme/assigned/assignedRoles"));
    CHECK_FALSE(glob_matches("**/x*y", "a/xb/c/y"));
    CHECK_FALSE(glob_matches("*/x*y", "a/b/xcy"));
  }

  TEST_CASE("selects: a pattern for a tenant takes everything in it") {
    Address const group{"acme", "groups", "analysts"};
    CHECK(selects("acme", group));
    CHECK(selects("ac*", group));
    CHECK_FALSE(selects("globex", group));
    CHECK(selects("acme/groups/analysts", group));
    CHECK_FALSE(selects("acme/roles/*", group));
    CHECK(selects("acme/*", group));
    CHECK(selects("acme/groups", group));
    CHECK_FALSE(selects("acme/roles", group));
    CHECK_FALSE(selects("acme/*", Address{"acme", {}, {}}));
  }
}
}  // namespace tenantry
