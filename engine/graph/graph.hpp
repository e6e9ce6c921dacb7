// What must happen before what.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace tenantry::graph {

/// Nodes 0..n-1 with "must happen after" edges.
class Graph {
 public:
  explicit Graph(std::size_t nodes) : after_(nodes), open_(nodes, 0) {}

  /// `second` must wait for `first`. The same edge twice counts once; an edge to itself is ignored.
  void add_edge(std::size_t first, std::size_t second);

  std::size_t size() const { return after_.size(); }
  /// Nodes that wait for `node`.
  std::vector<std::size_t> const& dependents(std::size_t node) const { return after_[node]; }
  /// How many nodes `node` waits for.
  std::size_t dependencies(std::size_t node) const { return open_[node]; }
  /// The nodes of one cycle in order, or nothing. Beginning with its smallest node.
  std::optional<std::vector<std::size_t>> cycle() const;
  /// For each node, how many nodes are on the longest way from it to an end, itself included. There
  /// must be no cycle.
  std::vector<std::size_t> chains() const;

 private:
  std::vector<std::vector<std::size_t>> after_;
  std::vector<std::size_t> open_;
};

}  // namespace tenantry::graph
