#include "engine/run/recovery.hpp"

#include <doctest/doctest.h>

#include "providers/qlik/provider.hpp"

namespace tenantry::run {
namespace {

TenantListing listing(std::string id, std::string name, std::string host) {
  TenantListing out;
  out.id = RemoteId(std::move(id));
  out.name = std::move(name);
  out.hostnames = {std::move(host)};
  out.region = "eu";
  out.status = "active";
  return out;
}

state::Intent creation_of_tenant() {
  state::Intent intent;
  intent.address = {"acme", {}, {}};
  intent.action = "create";
  intent.context = {{"region", "eu"}, {"idsBefore", Array{"t1"}}};
  return intent;
}

struct Groups {
  Schema const& schema = qlik_provider().find("groups")->schema();
  state::TenantState state;
  LiveTenant live;
  std::vector<DesiredResource> none;
  TenantReferences names{none, state, live};
  state::Intent intent;

  Groups() {
    intent.address = {"acme", "groups", "analysts"};
    intent.action = "create";
    intent.natural_key = "custom Analysts";
  }
  static RemoteObject group(std::string id, std::string name) {
    return {RemoteId(std::move(id)), {{"name", std::move(name)}, {"providerType", "custom"}}};
  }
};

}  // namespace

TEST_SUITE("recovery") {
  TEST_CASE("find_created_tenant: a new, unnamed tenant of the region answers the intent") {
    auto const fresh = listing("t2", "q123", "q123.eu.qlikcloud.com");
    auto const found = find_created_tenant(creation_of_tenant(), {fresh}, {});
    REQUIRE(found.has_value());
    CHECK(found->id == RemoteId("t2"));
  }

  TEST_CASE("find_created_tenant: what was there, is owned, named or elsewhere does not") {
    auto const intent = creation_of_tenant();
    CHECK_FALSE(find_created_tenant(intent, {listing("t1", "q1", "q1.eu.qlikcloud.com")}, {}));
    auto const owned = listing("t2", "q2", "q2.eu.qlikcloud.com");
    CHECK_FALSE(find_created_tenant(intent, {owned}, {RemoteId("t2")}));
    CHECK_FALSE(find_created_tenant(intent, {listing("t3", "Acme", "q3.eu.qlikcloud.com")}, {}));
    auto elsewhere = listing("t4", "q4", "q4.us.qlikcloud.com");
    elsewhere.region = "us";
    CHECK_FALSE(find_created_tenant(intent, {elsewhere}, {}));
    auto disabled = listing("t5", "q5", "q5.eu.qlikcloud.com");
    disabled.status = "disabled";
    CHECK_FALSE(find_created_tenant(intent, {disabled}, {}));
  }

  TEST_CASE("find_created: the object with the natural key that nobody owns") {
    Groups g;
    std::vector<RemoteObject> const live{Groups::group("g1", "Others"),
                                         Groups::group("g2", "Analysts")};
    auto const found = find_created(g.schema, g.intent, live, g.state, g.names);
    REQUIRE(found.has_value());
    REQUIRE(*found != nullptr);
    CHECK((*found)->id == RemoteId("g2"));
  }

  TEST_CASE("find_created: an owned object is not the result") {
    Groups g;
    state::ResourceRecord row;
    row.address = {"acme", "groups", "other"};
    row.id = RemoteId("g2");
    g.state.resources[row.address] = row;
    std::vector<RemoteObject> const live{Groups::group("g2", "Analysts")};
    auto const found = find_created(g.schema, g.intent, live, g.state, g.names);
    REQUIRE(found.has_value());
    CHECK(*found == nullptr);
  }

  TEST_CASE("find_created: two that fit are for a person to decide") {
    Groups g;
    std::vector<RemoteObject> const live{Groups::group("g1", "Analysts"),
                                         Groups::group("g2", "Analysts")};
    auto const found = find_created(g.schema, g.intent, live, g.state, g.names);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Errc::ambiguous);
    CHECK(found.error().message.find("g1, g2") != std::string::npos);
    CHECK(found.error().hint.find("state resolve acme/groups/analysts") != std::string::npos);
  }
}
}  // namespace tenantry::run
