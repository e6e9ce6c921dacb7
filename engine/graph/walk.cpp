#include "engine/graph/walk.hpp"

#include <boost/asio/this_coro.hpp>

#include "engine/core/concurrency.hpp"

namespace tenantry::graph {
namespace asio = boost::asio;
namespace {

class Walk {
 public:
  Walk(Graph const& graph, Visitor const& visitor, asio::any_io_executor executor)
      : graph_(graph),
        visitor_(visitor),
        group_(std::move(executor)),
        open_(graph.size()),
        status_(graph.size(), NodeStatus::succeeded) {
    for (std::size_t node = 0; node < graph.size(); ++node) open_[node] = graph.dependencies(node);
  }

  asio::awaitable<std::vector<NodeStatus>> run() {
    std::vector<std::size_t> roots;
    for (std::size_t node = 0; node < graph_.size(); ++node) {
      if (open_[node] == 0) roots.push_back(node);
    }
    for (auto const node : roots) group_.spawn(visit(node));
    co_await group_.join();
    co_return std::move(status_);
  }

 private:
  asio::awaitable<void> visit(std::size_t node) {
    auto const result = co_await visitor_(node);
    status_[node] = result == Visit::succeeded ? NodeStatus::succeeded : NodeStatus::failed;
    finished(node);
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
          group_.spawn(visit(next));
        }
      }
    }
  }

  Graph const& graph_;
  Visitor const& visitor_;
  TaskGroup group_;
  std::vector<std::size_t> open_;
  std::vector<NodeStatus> status_;
};

}  // namespace

asio::awaitable<std::vector<NodeStatus>> walk(Graph const& graph, Visitor const& visitor) {
  auto const executor = co_await asio::this_coro::executor;
  Walk work(graph, visitor, executor);
  co_return co_await work.run();
}

}  // namespace tenantry::graph
