#include "engine/run/references.hpp"

#include <doctest/doctest.h>

namespace tenantry::run {
TEST_SUITE("references") {
  TEST_CASE("of_written and of_live: a key, a live name and an id of one role become one name") {
    DesiredResource role;
    role.address = {"acme", "roles", "author"};
    role.attributes = {{"name", "Report author"}};
    std::vector<DesiredResource> const desired{role};
    state::TenantState state;
    state.key = "acme";
    state::ResourceRecord row;
    row.address = role.address;
    row.id = RemoteId("r1");
    state.resources[row.address] = row;
    LiveTenant live;
    live.lists["roles"] = {{RemoteId("r1"), {{"name", "Old name"}}},
                           {RemoteId("r2"), {{"name", "Steward"}}, true}};
    TenantReferences const names(desired, state, live);
    CHECK(names.of_written("roles", "author") == "Report author");
    CHECK(names.of_written("roles", "Steward") == "Steward");
    CHECK(names.of_written("roles", "r2") == "Steward");
    CHECK(names.of_written("roles", "r1") == "Report author");
    CHECK(names.of_live("roles", "r1", "Old name") ==
          "Report author");  // a rename changes no group
    CHECK(names.of_live("roles", "r2", "Steward") == "Steward");
    CHECK(names.id_of("roles", "Report author") == RemoteId("r1"));
    CHECK(names.id_of("roles", "Steward") == RemoteId("r2"));
    CHECK(names.id_of("roles", "nobody").empty());
  }
}
}  // namespace tenantry::run
