#include "engine/run/fleet_membership.hpp"

#include <doctest/doctest.h>

#include "engine/run/moves.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::run {
namespace {

/// A configuration with a fleet of these rows.
std::shared_ptr<config::Configuration const> configuration(test::TempFolder const& folder,
                                                           std::string_view rows,
                                                           std::string_view more = "") {
  folder.write("customers.csv", "id,was\n" + std::string(rows));
  folder.write("tenantry.yaml",
               "apiVersion: tenantry/v1\n"
               "fleets:\n"
               "  customers:\n"
               "    from: customers.csv\n"
               "    key: ${row.id}\n"
               "    formerKeys: ${row.was}\n"
               "    region: eu\n" +
                   std::string(more));
  config::LoadOptions options;
  options.folder = folder.path();
  options.schemas = qlik_provider().schemas();
  options.target = config::Target::emulated;
  auto loaded = config::load(options);
  REQUIRE(loaded.configuration != nullptr);
  return loaded.configuration;
}

state::TenantState tenant_of(std::string const& key, std::string const& fleet,
                             std::string const& status = "active") {
  state::TenantState state;
  state.key = key;
  state::ResourceRecord row;
  row.address = {key, {}, {}};
  row.extra["status"] = status;
  note_fleet(row, fleet);
  state.resources[row.address] = row;
  return state;
}

}  // namespace

TEST_SUITE("fleet_membership") {
  TEST_CASE("note_fleet: a row remembers its fleet, and forgets it") {
    state::ResourceRecord row;
    CHECK(fleet_of(row).empty());
    note_fleet(row, "customers");
    CHECK(fleet_of(row) == "customers");
    note_fleet(row, "");
    CHECK(row.extra.empty());
  }

  TEST_CASE("check_missing_row: a tenant whose row vanished stops, and is told what to write") {
    test::TempFolder const folder;
    auto const c = configuration(folder, "acme,\n");
    auto const stopped = check_missing_row(*c, tenant_of("globex", "customers"));
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().code == Errc::guard);
    CHECK(stopped.error().message ==
          "tenantry.yaml:3:3: customers.csv has no row for globex any more");
    CHECK(stopped.error().hint.find("`removed: [{from: globex}]`") != std::string::npos);
  }

  TEST_CASE("check_missing_row: tenants of no fleet, and those that end, may be missing") {
    test::TempFolder const folder;
    auto const c = configuration(folder, "acme,\n");
    CHECK(check_missing_row(*c, tenant_of("globex", "")).has_value());
    CHECK(check_missing_row(*c, tenant_of("globex", "others")).has_value());
    CHECK(check_missing_row(*c, tenant_of("globex", "customers", "disabled")).has_value());
    state::TenantState nothing;
    nothing.key = "globex";
    CHECK(check_missing_row(*c, nothing).has_value());
  }

  TEST_CASE("check_missing_row: `deactivate` lets it go, but never by an empty file") {
    test::TempFolder const folder;
    auto const mode = "    onMissingRow: deactivate\n";
    auto const globex = tenant_of("globex", "customers");
    CHECK(check_missing_row(*configuration(folder, "acme,\n", mode), globex).has_value());
    auto const stopped = check_missing_row(*configuration(folder, "", mode), globex);
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().message.find("customers.csv has no rows") != std::string::npos);
  }

  TEST_CASE("former_keys: those of a fleet count as those of `moved`, one after the other") {
    test::TempFolder const folder;
    auto const c =
        configuration(folder, "acme-corp,acme\nglobex,\n", "moved: [{from: acme-old, to: acme}]\n");
    CHECK(former_keys(*c, "acme-corp") == std::vector<std::string>{"acme", "acme-old"});
    CHECK(former_keys(*c, "globex").empty());
    CHECK(is_moved_away(*c, "acme"));
    CHECK(is_moved_away(*c, "acme-old"));
    CHECK_FALSE(is_moved_away(*c, "acme-corp"));
    auto const moves = find_moves(*c, "acme-corp", tenant_of("acme", "customers"));
    REQUIRE(moves.has_value());
    REQUIRE(moves->size() == 1);
    CHECK(moves->front().from.tenant == "acme");
    CHECK(moves->front().to.tenant == "acme-corp");
  }
}
}  // namespace tenantry::run
