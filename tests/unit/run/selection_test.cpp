#include <doctest/doctest.h>

#include "engine/run/context.hpp"
#include "engine/run/resolve.hpp"
#include "engine/run/selection.hpp"

namespace tenantry::run {
namespace {

/// acme with a role, a group that has it, a client that needs the group, and a space.
plans::TenantPlan chain(plans::Action role = plans::Action::create) {
  auto const change = [](std::string section, std::string key, plans::Action action,
                         std::vector<Address> needs = {}) {
    plans::Change out;
    out.address = {"acme", std::move(section), std::move(key)};
    out.action = action;
    out.depends_on = std::move(needs);
    return out;
  };
  using plans::Action;
  plans::TenantPlan plan;
  plan.key = "acme";
  plan.changes = {
      change("groups", "g", Action::create, {{"acme", "roles", "r"}}),
      change("oauthClients", "c", Action::update, {{"acme", "groups", "g"}}),
      change("roles", "r", role),
      change("spaces", "s", Action::create),
      change("spaces", "old", Action::delete_, {{"acme", "roles", "r"}}),
  };
  return plan;
}

std::string left(plans::TenantPlan const& plan) {
  std::string keys;
  for (auto const& change : plan.changes) keys += change.address.key + ' ';
  return keys;
}

}  // namespace

TEST_SUITE("select_changes") {
  TEST_CASE("what a target needs is pulled in") {
    auto plan = chain();
    select_changes(plan, {{"acme/oauthClients/c"}, {}});
    CHECK(left(plan) == "g c r ");
    CHECK(plan.partial);
    CHECK(plan.warnings.empty());
  }

  TEST_CASE("what needs something that is excluded is left out with it, and says why") {
    auto plan = chain();
    select_changes(plan, {{}, {"*/roles/*"}});
    CHECK(left(plan) == "s old ");
    REQUIRE(plan.warnings.size() == 2);
    CHECK(plan.warnings[0].address == "acme/groups/g");
    CHECK(plan.warnings[1].detail ==
          "acme/oauthClients/c needs acme/roles/r, which does not exist yet.");
    auto targeted = chain();
    select_changes(targeted, {{"acme/groups/g"}, {"acme/roles/r"}});
    CHECK(left(targeted).empty());
    CHECK(targeted.warnings.size() == 1);
  }

  TEST_CASE("what is excluded and exists already keeps nothing back") {
    auto plan = chain(plans::Action::update);
    select_changes(plan, {{}, {"*/roles/*"}});
    CHECK(left(plan) == "g c s old ");
    CHECK(plan.warnings.empty());
  }

  TEST_CASE("what was not wanted anyhow is not told") {
    auto plan = chain();
    select_changes(plan, {{"*/spaces/*"}, {"*/roles/*"}});
    CHECK(left(plan) == "s old ");
    CHECK(plan.warnings.empty());
  }
}

TEST_SUITE("selection") {
  TEST_CASE("includes_tenant: a shard takes its share, and targets narrow it") {
    Selection selection;
    selection.shard = Shard{shard_of("acme", 4), 4};
    CHECK(selection.includes_tenant("acme"));
    selection.targets = {"globex/*"};
    CHECK_FALSE(selection.includes_tenant("acme"));
    selection.targets = {"acme/groups/a"};
    CHECK(selection.includes_tenant("acme"));
    selection.shard = Shard{shard_of("acme", 4) % 4 + 1, 4};
    CHECK_FALSE(selection.includes_tenant("acme"));
  }

  TEST_CASE("includes: targets choose, excludes win") {
    Selection const selection{{"acme", "globex/groups/*"}, {"*/roles/*"}};
    CHECK(selection.includes({"acme", "groups", "a"}));
    CHECK_FALSE(selection.includes({"acme", "roles", "a"}));
    CHECK(selection.includes({"globex", "groups", "a"}));
    CHECK_FALSE(selection.includes({"globex", "oauthClients", "a"}));
    CHECK_FALSE(selection.includes({"initech", {}, {}}));
  }

  TEST_CASE("includes_tenant: a tenant without a chance is not looked at") {
    Selection const selection{{"ac*/groups/x"}, {}};
    CHECK(selection.includes_tenant("acme"));
    CHECK_FALSE(selection.includes_tenant("globex"));
    Selection const without{{}, {"acme"}};
    CHECK_FALSE(without.includes_tenant("acme"));
    Selection const partly{{}, {"acme/groups/x"}};
    CHECK(partly.includes_tenant("acme"));
  }
}

TEST_SUITE("resolve") {
  TEST_CASE("resolve_tenant: fills in host name and id, leaves secrets as names") {
    auto const host =
        make_deferred({{Segment::Kind::text, "https://"}, {Segment::Kind::tenant, "hostname"}});
    auto const both =
        make_deferred({{Segment::Kind::tenant, "id"}, {Segment::Kind::variable, "key"}});
    auto const out = resolve_tenant(Object{{"a", Array{host}}, {"b", both}}, "h.example", "t1");
    CHECK(canonical(out.at("a")) == R"(["https://h.example"])");
    CHECK(is_sensitive(out.at("b")));
    CHECK_FALSE(is_unknown(out.at("b")));
  }
}
}  // namespace tenantry::run
