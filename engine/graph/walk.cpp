#include "engine/graph/walk.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <set>

#include "engine/core/concurrency.hpp"

namespace tenantry::graph {
namespace asio = boost::asio;
namespace {

class Walk {
 public:
  Walk(Graph const& graph, Visitor const& visitor, std::size_t visits_max,
       asio::any_io_executor executor)
      : graph_(graph),
        visitor_(visitor),
        visits_max_(std::max<std::size_t>(visits_max, 1)),
        chains_(graph.chains()),
        group_(std::move(executor)),
        open_(graph.size()),
        status_(graph.size(), NodeStatus::succeeded) {
    for (std::size_t node = 0; node < graph.size(); ++node) open_[node] = graph.dependencies(node);
  }

  asio::awaitable<std::vector<NodeStatus>> run() {
    for (std::size_t node = 0; node < graph_.size(); ++node) {
      if (open_[node] == 0) make_ready(node);
    }
    start_ready();
    co_await group_.join();
    co_return std::move(status_);
  }

 private:
  asio::awaitable<void> visit(std::size_t node) {
    auto const result = co_await visitor_(node);
    status_[node] = result == Visit::succeeded ? NodeStatus::succeeded : NodeStatus::failed;
    --running_;
    finished(node);
    start_ready();
  }

  void make_ready(std::size_t node) { ready_.emplace(graph_.size() - chains_[node], node); }

  void start_ready() {
    while (running_ < visits_max_ && !ready_.empty()) {
      auto const node = ready_.extract(ready_.begin()).value().second;
      ++running_;
      group_.spawn(visit(node));
    }
  }

  /// Frees what waited for `node`; skips it, and what waits for that, when `node` did not succeed.
  void finished(std::size_t node) {
    std::vector<std::size_t> ended{node};
    while (!ended.empty()) {
      auto const current = ended.back();
      ended.pop_back();
      bool const good = status_[current] == NodeStatus::succeeded;
      for (auto const next : graph_.dependents(current)) {
        if (!good) status_[next] = NodeStatus::skipped;
        if (--open_[next] > 0) continue;
        if (status_[next] == NodeStatus::skipped) {
          ended.push_back(next);
        } else {
          make_ready(next);
        }
      }
    }
  }

  Graph const& graph_;
  Visitor const& visitor_;
  std::size_t visits_max_;
  std::vector<std::size_t> chains_;
  TaskGroup group_;
  std::size_t running_ = 0;
  std::set<std::pair<std::size_t, std::size_t>> ready_;  // longest chain first, then by number
  std::vector<std::size_t> open_;
  std::vector<NodeStatus> status_;
};

}  // namespace

asio::awaitable<std::vector<NodeStatus>> walk(Graph const& graph, Visitor const& visitor,
                                              std::size_t visits_max) {
  auto const executor = co_await asio::this_coro::executor;
  Walk work(graph, visitor, visits_max, executor);
  co_return co_await work.run();
}

}  // namespace tenantry::graph
