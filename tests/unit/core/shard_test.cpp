#include "engine/core/shard.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

namespace tenantry {
namespace {

std::vector<std::string> fleet(int tenants) {
  std::vector<std::string> keys;
  for (int i = 0; i < tenants; ++i) keys.push_back(fmt::format("c{:05}", i));
  return keys;
}

}  // namespace

TEST_SUITE("shard") {
  TEST_CASE("a tenant is of the same shard wherever and whenever it is asked") {
    // Kept by runners of other versions and machines: these may never change.
    CHECK(shard_of("acme", 4) == 2);
    CHECK(shard_of("globex", 4) == 1);
    CHECK(shard_of("initech", 4) == 1);
    CHECK(shard_of("acme", 7) == 2);
    CHECK(shard_of("c00042", 1000) == 822);
  }

  TEST_CASE("each tenant is of one shard, and the shards are of about the same size") {
    auto const keys = fleet(10'000);
    for (std::int32_t const count : {1, 2, 4, 10}) {
      std::vector<int> sizes(static_cast<std::size_t>(count));
      for (auto const& key : keys) {
        int holders = 0;
        for (std::int32_t index = 1; index <= count; ++index) {
          if (!Shard{index, count}.holds(key)) continue;
          ++holders;
          ++sizes[static_cast<std::size_t>(index - 1)];
        }
        REQUIRE(holders == 1);
      }
      for (auto const size : sizes) {
        CHECK(size > 9'000 / count);
        CHECK(size < 11'000 / count);
      }
    }
  }

  TEST_CASE("one shard more: tenants go to the new one or stay where they are") {
    int moved = 0;
    for (auto const& key : fleet(10'000)) {
      auto const before = shard_of(key, 4);
      auto const after = shard_of(key, 5);
      if (before == after) continue;
      CHECK(after == 5);
      ++moved;
    }
    CHECK(moved > 1'800);
    CHECK(moved < 2'200);
  }

  TEST_CASE("parse_shard: reads what text writes, and refuses the rest") {
    CHECK(parse_shard("2/4").value() == Shard{2, 4});
    CHECK(parse_shard("1/1").value().text() == "1/1");
    for (std::string const text : {"", "2", "/4", "2/", "0/4", "5/4", "-1/4", "1/0", "2/4/6", "a/b",
                                   " 1/2", "1/2 ", "1/10001", "1/99999999999"}) {
      auto const shard = parse_shard(text);
      REQUIRE_MESSAGE(!shard.has_value(), text);
      CHECK(shard.error().code == Errc::invalid);
    }
  }
}
}  // namespace tenantry
