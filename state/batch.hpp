// What a thread takes from its queue at once.
#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::state {

/// Pieces in one transaction: another process gets its turn, and what a server is asked at once is
/// bounded.
inline constexpr std::size_t kBatchMax = 256;

/// Takes the first jobs of `queue`, as many as follow each other of one `kind`, at most `max`.
template <class Job>
std::vector<Job> take_batch(std::vector<Job>& queue, std::size_t max = kBatchMax) {
  auto const begin = queue.begin();
  auto const most = begin + static_cast<std::ptrdiff_t>(std::min(queue.size(), max));
  auto const end =
      std::find_if(begin, most, [&](Job const& job) { return job.kind != begin->kind; });
  std::vector<Job> jobs(std::make_move_iterator(begin), std::make_move_iterator(end));
  queue.erase(begin, end);
  return jobs;
}

/// `work` as work without a result: what it gives goes to `value`.
template <class T, class... Arguments>
std::function<Result<void>(Arguments...)> into(std::shared_ptr<std::optional<T>> value,
                                               std::function<Result<T>(Arguments...)> work) {
  return
      [value = std::move(value), work = std::move(work)](Arguments... arguments) -> Result<void> {
        auto result = work(std::forward<Arguments>(arguments)...);
        if (!result) return result.error();
        value->emplace(std::move(*result));
        return {};
      };
}

}  // namespace tenantry::state
