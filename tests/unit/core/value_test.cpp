#include "engine/core/value.hpp"

#include <doctest/doctest.h>

#include "engine/core/schema.hpp"
#include "engine/core/secret.hpp"

namespace tenantry {
TEST_SUITE("value") {
  TEST_CASE("canonical: order of keys and kind of number do not matter") {
    CHECK(canonical(*parse_json(R"({"b":1.0,"a":[1e2,"x"]})")) == R"({"a":[100,"x"],"b":1})");
    CHECK(equal(*parse_json("[1]"), *parse_json("[1.0]")));
    CHECK_FALSE(equal(*parse_json("[1]"), *parse_json("[\"1\"]")));
  }

  TEST_CASE("parse_json: refuses a second document, and depth past the limit") {
    CHECK_FALSE(parse_json("{} {}").has_value());
    CHECK_FALSE(parse_json("[[[1]]]", 2).has_value());
    CHECK_FALSE(parse_json("").has_value());
    CHECK_FALSE(parse_json("[1E400]").has_value());
  }

  TEST_CASE("deferred: a variable is sensitive, a tenant's property unknown") {
    auto const host =
        make_deferred({{Segment::Kind::text, "https://"}, {Segment::Kind::tenant, "hostname"}});
    auto const key = make_deferred({{Segment::Kind::variable, "licenseKey"}});
    CHECK(is_unknown(Object{{"a", Array{host}}}));
    CHECK_FALSE(is_sensitive(host));
    CHECK(is_sensitive(Array{key}));
    CHECK(describe_deferred(host) == "https://${tenant.hostname}");
    CHECK(describe_deferred(key) == kMasked);
    auto const resolved = resolve_deferred(
        Object{{"a", host}},
        [](Segment const&) -> Result<std::string> { return std::string("acme.eu.example"); });
    REQUIRE(resolved.has_value());
    CHECK(canonical(*resolved) == R"({"a":"https://acme.eu.example"})");
  }
}

TEST_SUITE("schema") {
  TEST_CASE("check: reports unknown keys, types, lengths and missing attributes with a pointer") {
    Schema const schema{
        .section = "things",
        .singular = "thing",
        .doc = "",
        .attributes = {{.name = "name", .use = Use::required, .length_max = 3},
                       {.name = "origins", .kind = Kind::set, .format = Format::origin},
                       {.name = "id", .use = Use::computed}},
        .natural_key = {"name"}};
    std::vector<std::string> seen;
    auto const report = [&](SchemaProblem const& p) {
      seen.push_back(p.pointer + ' ' + p.summary);
    };
    check(schema,
          Object{{"nmae", "x"}, {"origins", Array{"https://a.b", "https://a.b/c"}}, {"id", "1"}},
          report);
    CHECK(seen == std::vector<std::string>{"/nmae unknown key \"nmae\" (did you mean \"name\"?)",
                                           "/origins/1 wrong form", "/id attribute cannot be set",
                                           " missing attribute"});
    seen.clear();
    check(schema, Object{{"name", "four"}}, report);
    CHECK(seen == std::vector<std::string>{"/name text too long"});
    seen.clear();
    check(schema, Object{{"name", make_deferred({{Segment::Kind::variable, "secret"}})}}, report);
    CHECK(seen ==
          std::vector<std::string>{"/name sensitive value in an attribute that is not secret"});
  }
}
}  // namespace tenantry
