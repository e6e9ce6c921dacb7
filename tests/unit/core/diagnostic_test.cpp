#include "engine/core/diagnostic.hpp"

#include <doctest/doctest.h>

#include "engine/core/text.hpp"

namespace tenantry {
TEST_SUITE("diagnostic") {
  TEST_CASE("format: place first, detail and hint below") {
    Diagnostic const d{Severity::error,        {"tenantry.yaml", 12, 7}, {},
                       "unknown key \"nmae\"", "Valid keys here: name.", "write name"};
    CHECK(format(d) ==
          "tenantry.yaml:12:7: error: unknown key \"nmae\"\n"
          "  Valid keys here: name.\n"
          "  hint: write name\n");
  }

  TEST_CASE("format: control characters cannot move the cursor") {
    Diagnostic d;
    d.summary = "bad name \x1b[2Jx";
    CHECK(format(d) == "error: bad name \\x1b[2Jx\n");
  }

  TEST_CASE("sorted: by place, equal ones once") {
    Diagnostics all;
    all.error({"b.yaml", 1, 1}, "later file");
    all.error({"a.yaml", 9, 1}, "later line");
    all.error({"a.yaml", 2, 5}, "first");
    all.error({"a.yaml", 2, 5}, "first");
    auto const sorted = all.sorted();
    REQUIRE(sorted.size() == 3);
    CHECK(sorted[0].summary == "first");
    CHECK(sorted[2].summary == "later file");
  }
}

TEST_SUITE("text") {
  TEST_CASE("nearest: finds a typo, not something else") {
    std::vector<std::string> const names{"validOrigins", "name"};
    CHECK(nearest("validOrigin", names) == "validOrigins");
    CHECK(nearest("nmae", names) == "name");
    CHECK_FALSE(nearest("zzzzzz", names).has_value());
  }

  TEST_CASE("visible: keeps printable UTF-8, shows the rest") {
    CHECK(visible("Zürich") == "Zürich");
    CHECK(visible("a\xff") == "a\\xff");
    CHECK(visible("a\xc2\x9b[2J") == "a\\xc2\\x9b[2J");
  }
}
}  // namespace tenantry
