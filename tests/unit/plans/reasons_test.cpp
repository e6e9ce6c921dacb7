#include "plans/reasons.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace tenantry::plans {

TEST_SUITE("reasons") {
  TEST_CASE("each reason has one sentence, and docs/reasons.md has just these") {
    std::ifstream file(TENANTRY_REASONS_PAGE);
    std::stringstream page;
    page << file.rdbuf();
    REQUIRE(file.good());
    std::string expected = "| reason | means |\n| --- | --- |\n";
    for (int number = 0; number <= static_cast<int>(Reason::secret_due); ++number) {
      auto const reason = static_cast<Reason>(number);
      auto const sentence = sentence_of(reason);
      CHECK(sentence.ends_with('.'));
      expected += fmt::format("| `{}` | {} |\n", name_of(reason), sentence);
    }
    CHECK(page.str().ends_with(expected));
  }
}

}  // namespace tenantry::plans
