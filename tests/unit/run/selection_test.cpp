#include <doctest/doctest.h>

#include "engine/run/context.hpp"
#include "engine/run/resolve.hpp"

namespace tenantry::run {
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
