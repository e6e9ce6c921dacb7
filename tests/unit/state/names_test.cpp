#include <doctest/doctest.h>

#include <fstream>

#include "state/state_names.hpp"
#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {
namespace {

using Names = std::vector<std::string>;

TEST_SUITE("state names") {
  TEST_CASE("tenants and addresses of a state, whether somebody has it open or not") {
    Fixture f;
    {
      auto const store = f.open();
      f.get(store->put("globex", {record_of({"globex", {}, {}}, "id-2")}, {}));
      f.get(store->put("acme",
                       {record_of({"acme", {}, {}}), record_of({"acme", "groups", "analysts"}),
                        record_of({"acme", "groupSettings", {}})},
                       {}));
      CHECK(*tenant_names(f.file) == Names{"acme", "globex"});
    }
    CHECK(*tenant_names(f.file) == Names{"acme", "globex"});
    CHECK(*address_names(f.file, "acme") ==
          Names{"acme", "acme/groupSettings", "acme/groups/analysts"});
    CHECK(address_names(f.file, "nobody")->empty());
  }

  TEST_CASE("what cannot be an address is no name: a shell would run it") {
    Fixture f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of({"acme", {}, {}}), record_of({"acme", "roles", "$(id)"})},
                     {}));
    f.get(store->put("x;id", {record_of({"x;id", {}, {}})}, {}));
    CHECK(*tenant_names(f.file) == Names{"acme"});
    CHECK(*address_names(f.file, "acme") == Names{"acme"});
    CHECK(address_names(f.file, "x;id")->empty());
  }

  TEST_CASE("what is no state has no names") {
    Fixture f;
    CHECK(tenant_names(f.file).error().code == Errc::not_found);
    std::ofstream(f.file) << "not a state";
    CHECK_FALSE(tenant_names(f.file).has_value());
    CHECK_FALSE(address_names(f.file, "acme").has_value());
  }
}

}  // namespace
}  // namespace tenantry::state
