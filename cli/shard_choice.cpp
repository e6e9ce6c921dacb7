#include "cli/shard_choice.hpp"

#include <fmt/format.h>

#include <charconv>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// How a system tells its runners apart.
struct Numbering {
  char const* index;
  char const* total;
  std::int32_t first;    ///< what it calls its first runner
  char const* no_total;  ///< what to do where the total is not set
};

constexpr Numbering kKubernetes{
    "JOB_COMPLETION_INDEX", "TENANTRY_SHARDS", 0,
    "set TENANTRY_SHARDS to the job's `completions`, or give --shard none"};
constexpr Numbering kGitlab{"CI_NODE_INDEX", "CI_NODE_TOTAL", 1,
                            "set CI_NODE_TOTAL, or give --shard none"};

std::string value_of(EnvironmentReader const& environment, char const* name) {
  return environment(name).value_or("");
}

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t out = 0;
  auto const* end = text.data() + text.size();
  auto const [stop, failure] = std::from_chars(text.data(), end, out);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return out;
}

Error unusable(Numbering const& names, std::string const& index, std::string const& total) {
  return Error(Errc::invalid,
               fmt::format("{}={} and {}={} name no shard", names.index, visible(index),
                           names.total, visible(total)),
               fmt::format("{} counts from {}, and stays below {} runners; --shard I/N names a "
                           "shard, --shard none takes all tenants",
                           names.index, names.first, Shard::kCountMax));
}

Result<ShardChoice> read(Numbering const& names, EnvironmentReader const& environment) {
  auto const index = value_of(environment, names.index);
  auto const total = value_of(environment, names.total);
  if (total.empty()) {
    return Error(Errc::invalid,
                 fmt::format("{}={} says that this is one of several runners, and nothing says of "
                             "how many",
                             names.index, visible(index)),
                 names.no_total);
  }
  auto const own = number(index);
  auto const all = number(total);
  if (!own || !all || *own < names.first) return unusable(names, index, total);
  auto const shard = parse_shard(fmt::format("{}/{}", *own + (1 - names.first), *all));
  if (!shard) return unusable(names, index, total);
  return ShardChoice{*shard, fmt::format("{} and {}", names.index, names.total)};
}

Result<ShardChoice> from_system(EnvironmentReader const& environment) {
  for (auto const& names : {kKubernetes, kGitlab}) {
    if (!value_of(environment, names.index).empty()) return read(names, environment);
  }
  return ShardChoice{};
}

Result<ShardChoice> from_words(std::string const& words, std::string const& source,
                               EnvironmentReader const& environment) {
  if (words == "auto") return from_system(environment);
  if (words == "none") return ShardChoice{};
  auto const shard = parse_shard(words);
  if (shard) return ShardChoice{*shard, source};
  auto error = shard.error();
  error.message = fmt::format("{}: {}", source.empty() ? "--shard" : source, error.message);
  error.hint += "; or auto, or none";
  return error;
}

}  // namespace

Result<ShardChoice> choose_shard(std::optional<std::string> const& flag,
                                 EnvironmentReader const& environment) {
  constexpr auto kSetting = "TENANTRY_SHARD";
  auto const setting = value_of(environment, kSetting);
  auto choice = flag               ? from_words(*flag, "", environment)
                : !setting.empty() ? from_words(setting, kSetting, environment)
                                   : from_system(environment);
  // One shard of one is everything.
  if (choice && choice->shard && choice->shard->count == 1) choice->shard.reset();
  return choice;
}

}  // namespace tenantry::cli
