// How often what goes wrong.
#pragma once
#include <cstdint>

namespace tenantry::simulation {

/// Per mille, of exchanges, commits or deliveries. All zero: nothing goes wrong.
struct FaultRates {
  // Of exchanges; at most one of these befalls each.
  std::uint64_t refused = 0;          ///< no connection
  std::uint64_t lost_before = 0;      ///< the connection breaks, and the work is not done
  std::uint64_t lost_after = 0;       ///< the answer is lost, and the work is done
  std::uint64_t cut = 0;              ///< the answer breaks off in the middle
  std::uint64_t timeout_before = 0;   ///< nothing comes, and the work is not done
  std::uint64_t timeout_after = 0;    ///< nothing comes, and the work is done
  std::uint64_t status_before = 0;    ///< 500, 502, 503 or 504 instead of the work
  std::uint64_t status_after = 0;     ///< ... although the work is done
  std::uint64_t throttled = 0;        ///< 429, as another program's calls would cause it
  std::uint64_t slow = 0;             ///< an answer that takes many seconds
  std::uint64_t list_lag = 0;         ///< a new object that lists do not show at first
  std::uint64_t commit_refused = 0;   ///< of commits: the disk is full
  std::uint64_t delivery_failed = 0;  ///< of secrets: the sink takes nothing
  std::uint64_t delivery_doubt = 0;   ///< of secrets: the sink has it, and says that it failed

  /// All faults alike.
  static FaultRates of(std::uint64_t each) {
    return {each, each, each, each, each, each, each, each, each, each, each, each / 4, each, each};
  }
};

}  // namespace tenantry::simulation
