#include "cli/shard_choice.hpp"

#include <doctest/doctest.h>

#include <map>

namespace tenantry::cli {
namespace {

using Variables = std::map<std::string, std::string>;

Result<ShardChoice> choose(std::optional<std::string> const& flag, Variables const& variables) {
  return choose_shard(flag, [&](std::string const& name) -> std::optional<std::string> {
    auto const found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string chosen(std::optional<std::string> const& flag, Variables const& variables) {
  auto const choice = choose(flag, variables).value();
  return choice.shard ? choice.shard->text() : "all";
}

}  // namespace

TEST_SUITE("shard_choice") {
  TEST_CASE("without a flag and without a CI system all tenants are taken") {
    CHECK(chosen({}, {}) == "all");
    CHECK(chosen("auto", {}) == "all");
    CHECK(chosen("2/4", {}) == "2/4");
    CHECK(choose("2/4", {}).value().source.empty());
  }

  TEST_CASE("GitLab counts from 1, Kubernetes from 0") {
    Variables const gitlab{{"CI_NODE_INDEX", "4"}, {"CI_NODE_TOTAL", "4"}};
    CHECK(chosen({}, gitlab) == "4/4");
    CHECK(choose({}, gitlab).value().source == "CI_NODE_INDEX and CI_NODE_TOTAL");
    Variables const kubernetes{{"JOB_COMPLETION_INDEX", "0"}, {"TENANTRY_SHARDS", "4"}};
    CHECK(chosen({}, kubernetes) == "1/4");
    CHECK(chosen("auto", {{"JOB_COMPLETION_INDEX", "3"}, {"TENANTRY_SHARDS", "4"}}) == "4/4");
  }

  TEST_CASE("the flag is stronger than TENANTRY_SHARD, and that than the CI system") {
    Variables const all{{"TENANTRY_SHARD", "1/3"}, {"CI_NODE_INDEX", "2"}, {"CI_NODE_TOTAL", "4"}};
    CHECK(chosen({}, all) == "1/3");
    CHECK(choose({}, all).value().source == "TENANTRY_SHARD");
    CHECK(chosen("auto", all) == "2/4");
    CHECK(chosen("none", all) == "all");
    CHECK(chosen({}, {{"TENANTRY_SHARD", "none"}, {"CI_NODE_INDEX", "2"}}) == "all");
  }

  TEST_CASE("one shard of one is everything") {
    CHECK(chosen("1/1", {}) == "all");
    CHECK(chosen({}, {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "1"}}) == "all");
  }

  TEST_CASE("an index without a total could mean anything, and is an error") {
    auto const pod = choose({}, {{"JOB_COMPLETION_INDEX", "2"}});
    REQUIRE(!pod.has_value());
    CHECK(pod.error().hint.find("TENANTRY_SHARDS") != std::string::npos);
    CHECK(!choose({}, {{"CI_NODE_INDEX", "2"}}).has_value());
  }

  TEST_CASE("numbers that name no shard are errors that say where they stand") {
    for (auto const& [index, total] : {std::pair{"0", "4"}, {"5", "4"}, {"x", "4"}, {"1", "y"}}) {
      auto const choice = choose({}, {{"CI_NODE_INDEX", index}, {"CI_NODE_TOTAL", total}});
      REQUIRE(!choice.has_value());
      CHECK(choice.error().code == Errc::invalid);
      CHECK(choice.error().message.starts_with(std::string("CI_NODE_INDEX=") + index));
    }
    CHECK(!choose({}, {{"JOB_COMPLETION_INDEX", "4"}, {"TENANTRY_SHARDS", "4"}}).has_value());
    auto const setting = choose({}, {{"TENANTRY_SHARD", "half"}});
    REQUIRE(!setting.has_value());
    CHECK(setting.error().message.starts_with("TENANTRY_SHARD: half is no shard"));
  }
}
}  // namespace tenantry::cli
