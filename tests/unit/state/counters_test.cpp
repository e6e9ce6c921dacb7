#include "state/counters.hpp"

#include <doctest/doctest.h>

#include "tests/unit/state/backend.hpp"

namespace tenantry::state {
namespace {

Contribution creates(std::map<std::string, std::int64_t> parts, std::string group = "run-7") {
  return {std::move(group), "creates", std::move(parts)};
}

TEST_SUITE("counters") {
  TEST_CASE("two runs of a group add up, another group and another counter do not") {
    Backend f;
    auto const one = f.open();
    auto const two = f.open(OpenMode::existing);
    CHECK(f.get(one->contribute(creates({{"acme", 1}, {"globex", 1}}))) == 2);
    CHECK(f.get(two->contribute(creates({{"initech", 1}}))) == 3);
    CHECK(f.get(two->contribute(creates({{"initech", 1}}, "run-8"))) == 1);
    CHECK(f.get(two->contribute({"run-7", "deletes", {{"acme", 4}}})) == 4);
    CHECK(f.get(one->contribute(creates({}))) == 3);
  }

  TEST_CASE("a rerun counts what it repeats once, and what is new besides") {
    Backend f;
    {
      auto const killed = f.open();
      CHECK(f.get(killed->contribute({"run-7", "deletes", {{"a 1", 1}, {"a 2", 1}}})) == 2);
    }
    auto const rerun = f.open(OpenMode::existing);
    // The first is done; the second is planned again, and a third.
    CHECK(f.get(rerun->contribute({"run-7", "deletes", {{"a 2", 1}, {"a 3", 1}}})) == 3);
  }

  TEST_CASE("the parts of a counter are read without writing") {
    Backend f;
    {
      auto const store = f.open();
      f.get(store->contribute({"run-7", "deletes", {{"a 1", 1}, {"b 2", 4}}}));
      f.get(store->contribute({"run-7", "creates", {{"c", 1}}}));
      f.get(store->contribute({"run-8", "deletes", {{"d", 1}}}));
    }
    auto const reader = f.open(OpenMode::read_only);
    using Parts = std::map<std::string, std::int64_t>;
    CHECK(f.get(reader->contributions("run-7", "deletes")) == Parts{{"a 1", 1}, {"b 2", 4}});
    CHECK(f.get(reader->contributions("run-9", "deletes")).empty());
  }

  TEST_CASE("a tenant that failed and then worked is no failure any more") {
    Backend f;
    auto const store = f.open();
    CHECK(f.get(store->contribute({"run-7", "failed", {{"acme", 1}, {"b", 1}}})) == 2);
    CHECK(f.get(store->contribute({"run-7", "failed", {{"acme", 0}}})) == 1);
  }

  TEST_CASE("an old group is forgotten, one that is still at work is not") {
    Backend f;
    auto const store = f.open();
    CHECK(f.get(store->contribute(creates({{"acme", 1}}))) == 1);
    f.clock.advance(kGroupKept - std::chrono::hours(1));
    CHECK(f.get(store->contribute(creates({}))) == 1);
    f.clock.advance(std::chrono::hours(2));
    CHECK(f.get(store->contribute(creates({}, "run-8"))) == 0);
    CHECK(f.get(store->contribute(creates({}))) == 0);
  }

  TEST_CASE("a store that is open for reading takes no contribution") {
    Backend f;
    f.get(f.open()->contribute(creates({{"acme", 1}})));
    auto const sum = f.run(f.open(OpenMode::read_only)->contribute(creates({})));
    REQUIRE(!sum.has_value());
    CHECK(sum.error().code == Errc::internal);
  }
}

}  // namespace
}  // namespace tenantry::state
