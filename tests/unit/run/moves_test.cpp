#include "engine/run/moves.hpp"

#include <doctest/doctest.h>

#include "engine/run/exporter.hpp"

namespace tenantry::run {
namespace {

state::ResourceRecord row_of(Address address, std::vector<Address> depends_on = {}) {
  state::ResourceRecord row;
  row.id = RemoteId(address.text());
  row.address = std::move(address);
  row.depends_on = std::move(depends_on);
  return row;
}

state::TenantState acme() {
  state::TenantState state;
  state.key = "acme";
  for (auto const& row : {row_of({"acme", {}, {}}), row_of({"acme", "roles", "author"}),
                          row_of({"acme", "groups", "analysts"}, {{"acme", "roles", "author"}})}) {
    state.resources[row.address] = row;
  }
  return state;
}

}  // namespace

TEST_SUITE("moves") {
  TEST_CASE("moved: a resource keeps its id, and what depends on it follows") {
    auto const state = moved(acme(), {{{"acme", "roles", "author"}, {"acme", "roles", "writer"}}});
    CHECK(state.find({"acme", "roles", "author"}) == nullptr);
    REQUIRE(state.find({"acme", "roles", "writer"}) != nullptr);
    CHECK(state.find({"acme", "roles", "writer"})->id == RemoteId("acme/roles/author"));
    CHECK(state.find({"acme", "groups", "analysts"})->depends_on ==
          std::vector<Address>{{"acme", "roles", "writer"}});
  }

  TEST_CASE("moved: a tenant takes everything with it") {
    auto const state =
        moved(acme(), {{{"acme", {}, {}}, {"acme-corp", {}, {}}},
                       {{"acme-corp", "groups", "analysts"}, {"acme-corp", "groups", "readers"}}});
    CHECK(state.key == "acme-corp");
    CHECK(state.resources.size() == 3);
    REQUIRE(state.find({"acme-corp", "groups", "readers"}) != nullptr);
    CHECK(state.find({"acme-corp", "groups", "readers"})->depends_on ==
          std::vector<Address>{{"acme-corp", "roles", "author"}});
  }
}

TEST_SUITE("exporter") {
  TEST_CASE("make_key: lower case, letters, digits and hyphens, and each key once") {
    std::set<std::string> taken;
    CHECK(make_key("Report Authors (EU)", taken) == "report-authors-eu");
    CHECK(make_key("report authors: EU", taken) == "report-authors-eu-2");
    CHECK(make_key("REPORT.AUTHORS/EU", taken) == "report-authors-eu-3");
    CHECK(make_key("日本", taken) == "unnamed");
  }
}
}  // namespace tenantry::run
