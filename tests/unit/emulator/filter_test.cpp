#include "emulator/filter.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tenantry::emulator {
namespace {

constexpr Filterable kAttributes[] = {{"name", "eq ne co sw"},
                                      {"status", "eq"},
                                      {"count", "eq"},
                                      {"createdAt", "eq gt ge lt le"},
                                      {"assignedRoles.name", "eq"}};

Object const kObject{{"name", "Sales \"EU\""},
                     {"status", "active"},
                     {"count", 3},
                     {"createdAt", "2026-03-01T00:00:00.000Z"},
                     {"assignedRoles", {{{"name", "Steward"}}, {{"name", "TenantAdmin"}}}}};

bool fits(std::string_view text) {
  auto const filter = Filter::parse(text, kAttributes);
  REQUIRE_MESSAGE(filter.has_value(), std::string(text));
  return filter->matches(kObject);
}

}  // namespace

TEST_SUITE("emulator/filter") {
  TEST_CASE("matches: names and texts are compared without regard to case") {
    CHECK(fits("STATUS eq \"Active\""));
    CHECK(fits("status EQ 'active'"));
    CHECK_FALSE(fits("status eq \"disabled\""));
  }

  TEST_CASE("matches: quotes are escaped by a backslash") {
    CHECK(fits(R"(name eq "Sales \"EU\"")"));
    CHECK(fits(R"(name eq 'Sales "EU"')"));
  }

  TEST_CASE("matches: co, sw, ne and the comparisons of times") {
    CHECK(fits("name co \"les\""));
    CHECK(fits("name sw \"sal\""));
    CHECK_FALSE(fits("name sw \"les\""));
    CHECK(fits("name ne \"x\""));
    CHECK(fits("createdAt gt \"2026-02-28T00:00:00Z\""));
    CHECK_FALSE(fits("createdAt lt \"2026-02-28T00:00:00Z\""));
    CHECK(fits("count eq 3"));
  }

  TEST_CASE("matches: and binds stronger than or; parentheses and not change that") {
    CHECK(fits("count eq 3 or count eq 1 and count eq 2"));
    CHECK_FALSE(fits("(count eq 3 or count eq 1) and count eq 2"));
    CHECK(fits("not (count eq 2)"));
    CHECK_FALSE(fits("not count eq 3"));
  }

  TEST_CASE("matches: a dotted name looks into every object of a list") {
    CHECK(fits("assignedRoles.name eq \"TenantAdmin\""));
    CHECK_FALSE(fits("assignedRoles.name eq \"Developer\""));
  }

  TEST_CASE("parse: refuses what is no filter of the list") {
    for (auto const* text :
         {"", "name", "name eq", "name eq x", "name eq \"x", "nme eq \"x\"", "name gt \"x\"",
          "name eq \"x\" or", "(name eq \"x\"", "name eq \"x\")", "name eq \"x\" name eq \"x\"",
          "not", "name eq 1e999x"}) {
      CAPTURE(text);
      CHECK_FALSE(Filter::parse(text, kAttributes).has_value());
    }
  }

  TEST_CASE("parse: depth and length are bounded") {
    auto const deep = std::string(5000, '(') + "count eq 1" + std::string(5000, ')');
    CHECK_FALSE(Filter::parse(deep, kAttributes).has_value());
    std::string nots;
    for (int i = 0; i < 1000; ++i) nots += "not ";
    CHECK_FALSE(Filter::parse(nots + "count eq 1", kAttributes).has_value());
    CHECK_FALSE(
        Filter::parse("name eq \"" + std::string(9000, 'x') + '"', kAttributes).has_value());
  }

  TEST_CASE("equal_to: gives the values of eq, however deep") {
    auto const filter =
        Filter::parse("name eq \"a\" and (status eq \"x\" or not name eq \"b\")", kAttributes);
    REQUIRE(filter.has_value());
    CHECK(filter->equal_to("name") == std::vector<std::string>{"a", "b"});
  }
}
}  // namespace tenantry::emulator
