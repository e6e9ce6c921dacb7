#include "engine/graph/graph.hpp"

#include <algorithm>
#include <ranges>

namespace tenantry::graph {

void Graph::add_edge(std::size_t first, std::size_t second) {
  auto& list = after_[first];
  if (first == second || std::ranges::find(list, second) != list.end()) return;
  list.push_back(second);
  ++open_[second];
}

std::optional<std::vector<std::size_t>> Graph::cycle() const {
  // Depth first with an explicit stack: configurations may be deep, the program's stack is not.
  enum class Mark { fresh, on_path, finished };
  struct Frame {
    std::size_t node;
    std::size_t next;
  };
  std::vector<Mark> marks(size(), Mark::fresh);
  std::vector<Frame> path;
  for (std::size_t start = 0; start < size(); ++start) {
    if (marks[start] != Mark::fresh) continue;
    path.push_back({start, 0});
    marks[start] = Mark::on_path;
    while (!path.empty()) {
      auto& frame = path.back();
      if (frame.next == after_[frame.node].size()) {
        marks[frame.node] = Mark::finished;
        path.pop_back();
        continue;
      }
      auto const next = after_[frame.node][frame.next++];
      if (marks[next] == Mark::fresh) {
        marks[next] = Mark::on_path;
        path.push_back({next, 0});
      } else if (marks[next] == Mark::on_path) {
        std::vector<std::size_t> nodes;
        auto const first = std::ranges::find(path, next, &Frame::node);
        for (auto it = first; it != path.end(); ++it) nodes.push_back(it->node);
        std::ranges::rotate(nodes, std::ranges::min_element(nodes));
        return nodes;
      }
    }
  }
  return std::nullopt;
}

std::vector<std::size_t> Graph::chains() const {
  // Each node after all that it waits for; so backwards, what waits for a node is known before it.
  std::vector<std::size_t> order;
  auto open = open_;
  for (std::size_t node = 0; node < size(); ++node) {
    if (open[node] == 0) order.push_back(node);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (auto const next : after_[order[i]]) {
      if (--open[next] == 0) order.push_back(next);
    }
  }
  std::vector<std::size_t> chains(size(), 1);
  for (auto const node : std::views::reverse(order)) {
    for (auto const next : after_[node]) chains[node] = std::max(chains[node], 1 + chains[next]);
  }
  return chains;
}

}  // namespace tenantry::graph
