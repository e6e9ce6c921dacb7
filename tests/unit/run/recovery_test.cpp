#include "engine/run/recovery.hpp"

#include <doctest/doctest.h>

#include "engine/run/tenant_recovery.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/support/scripted_session.hpp"

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
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto const fresh = listing("t2", "q123", "q123.eu.qlikcloud.com");
    auto const found = find_created_tenant(creation_of_tenant(), {fresh}, {}, us);
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    CHECK((*found)->id == RemoteId("t2"));
  }

  TEST_CASE("find_created_tenant: what was there, is owned, named or elsewhere does not") {
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto const none_in = [&](TenantListing const& listed, std::set<RemoteId> const& owned = {}) {
      auto const found = find_created_tenant(creation_of_tenant(), {listed}, owned, us);
      return found.has_value() && !found->has_value();
    };
    CHECK(none_in(listing("t1", "q1", "q1.eu.qlikcloud.com")));
    CHECK(none_in(listing("t2", "q2", "q2.eu.qlikcloud.com"), {RemoteId("t2")}));
    CHECK(none_in(listing("t3", "Acme", "q3.eu.qlikcloud.com")));
    auto elsewhere = listing("t4", "q4", "q4.us.qlikcloud.com");
    elsewhere.region = "us";
    CHECK(none_in(elsewhere));
    auto disabled = listing("t5", "q5", "q5.eu.qlikcloud.com");
    disabled.status = "disabled";
    CHECK(none_in(disabled));
  }

  TEST_CASE("find_created_tenant: the server's clock tells what is older than the intent") {
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto intent = creation_of_tenant();
    intent.context["serverTime"] = "2026-03-01T12:00:00Z";
    auto fresh = listing("t2", "q2", "q2.eu.qlikcloud.com");
    fresh.created_at = "2026-03-01T11:58:00.000Z";
    CHECK_FALSE(find_created_tenant(intent, {fresh}, {}, us).value().has_value());
    fresh.created_at = "2026-03-01T11:59:30.000Z";  // the two hosts' clocks may differ
    CHECK(find_created_tenant(intent, {fresh}, {}, us).value().has_value());
  }

  TEST_CASE("find_created_tenant: any of several untouched tenants of ours") {
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto first = listing("t2", "q2", "q2.eu.qlikcloud.com");
    auto second = listing("t3", "q3", "q3.eu.qlikcloud.com");
    first.created_by = second.created_by = "our-client";
    auto const found = find_created_tenant(creation_of_tenant(), {first, second}, {}, us);
    REQUIRE(found.has_value());
    CHECK(found->has_value());
  }

  TEST_CASE("find_created_tenant: what only others can have created is for a person to decide") {
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto theirs = listing("t2", "q2", "q2.eu.qlikcloud.com");
    theirs.created_by = "somebody";
    auto const found = find_created_tenant(creation_of_tenant(), {theirs}, {}, us);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Errc::ambiguous);
    CHECK(found.error().message.find("q2.eu.qlikcloud.com (id t2") != std::string::npos);
    CHECK(found.error().hint.find("state resolve acme --created ID") != std::string::npos);

    auto ours = listing("t3", "q3", "q3.eu.qlikcloud.com");
    ours.created_by = "our-client";
    auto const chosen = find_created_tenant(creation_of_tenant(), {theirs, ours}, {}, us);
    REQUIRE(chosen.has_value());
    CHECK((*chosen)->id == RemoteId("t3"));

    auto known = listing("t1", "Acme", "q1.eu.qlikcloud.com");
    known.created_by = "somebody";  // as the list names whoever made what we own
    CHECK(find_created_tenant(creation_of_tenant(), {known, theirs}, {RemoteId("t1")}, us)
              .value()
              .has_value());
  }

  TEST_CASE("find_created_tenant: several licences are for a person to decide") {
    test::ScriptedSession us;
    us.own_client = "our-client";
    auto first = listing("t2", "q2", "q2.eu.qlikcloud.com");
    auto second = listing("t3", "q3", "q3.eu.qlikcloud.com");
    first.license_number = "1000";
    second.license_number = "2000";
    auto const found = find_created_tenant(creation_of_tenant(), {first, second}, {}, us);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().message.find("several licences") != std::string::npos);
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
    auto const& hint = found.error().hint;
    CHECK(hint.find("state resolve acme/groups/analysts --not-created") != std::string::npos);
    CHECK(hint.find("tenantry import acme/groups/analysts ID") != std::string::npos);
  }
}
}  // namespace tenantry::run
