// Which share of the tenants this runner takes: --shard, or what the CI system says.
#pragma once
#include <optional>
#include <string>

#include "cli/terminal.hpp"
#include "engine/core/shard.hpp"

namespace tenantry::cli {

struct ShardChoice {
  std::optional<Shard> shard;  ///< none: all tenants
  std::string source;          ///< names of the variables it was read from; empty: the flag
};

/// The shard that `flag` (I/N, "auto" or "none") asks for; without a flag TENANTRY_SHARD, which
/// takes the same words, and without that "auto". "auto" reads, in this order:
/// - JOB_COMPLETION_INDEX (Kubernetes, from 0) with TENANTRY_SHARDS, the number of completions;
/// - CI_NODE_INDEX (GitLab, from 1) with CI_NODE_TOTAL;
/// and takes all tenants where neither is set.
/// Errors: invalid for a shard that is none, an index without a total, or one that is not below it.
Result<ShardChoice> choose_shard(std::optional<std::string> const& flag,
                                 EnvironmentReader const& environment);

}  // namespace tenantry::cli
