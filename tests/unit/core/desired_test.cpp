#include "engine/core/desired.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tenantry {

TEST_SUITE("desired") {
  TEST_CASE("origin: the place of a pointer, of its nearest parent, or of the block") {
    DesiredResource resource;
    resource.where = {"a.yaml", 1, 1};
    resource.origins.emplace("/list", {"a.yaml", 2, 1});
    resource.origins.emplace("/list/0", {"a.yaml", 3, 1});
    CHECK(resource.origin("/list/0").line == 3);
    CHECK(resource.origin("/list/0/name").line == 3);
    CHECK(resource.origin("/list/1").line == 2);
    CHECK(resource.origin("/other").line == 1);
    CHECK(resource.origin("").line == 1);
  }

  TEST_CASE("Places: the first place of a pointer counts, of few and of many") {
    for (int const count : {3, 31, 32, 33, 500}) {
      Places places;
      for (int i = 0; i < count; ++i) places.emplace('/' + std::to_string(i), {"a.yaml", i + 1, 1});
      places.emplace("/2", {"b.yaml", 9, 9});
      for (int i = 0; i < count; ++i) {
        auto const* found = places.find('/' + std::to_string(i));
        REQUIRE(found != nullptr);
        CHECK(found->line == i + 1);
      }
      CHECK(places.find("/x") == nullptr);
      CHECK(std::distance(places.begin(), places.end()) == count + 1);
    }
  }
}
}  // namespace tenantry
