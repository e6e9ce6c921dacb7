#include "engine/graph/graph.hpp"

#include <doctest/doctest.h>

namespace tenantry::graph {
TEST_SUITE("graph") {
  TEST_CASE("cycle: a chain has none") {
    Graph graph(3);
    graph.add_edge(0, 1);
    graph.add_edge(1, 2);
    graph.add_edge(0, 2);
    CHECK_FALSE(graph.cycle().has_value());
  }

  TEST_CASE("cycle: is told in order from its smallest node") {
    // 3 -> 1 -> 2 -> 3, and 0 -> 3
    Graph graph(4);
    graph.add_edge(0, 3);
    graph.add_edge(3, 1);
    graph.add_edge(1, 2);
    graph.add_edge(2, 3);
    CHECK(graph.cycle() == std::vector<std::size_t>{1, 2, 3});
  }

  TEST_CASE("chains: the longest way to an end counts") {
    // 0 -> 1 -> 3, 0 -> 3, 2 alone
    Graph graph(4);
    graph.add_edge(0, 1);
    graph.add_edge(1, 3);
    graph.add_edge(0, 3);
    CHECK(graph.chains() == std::vector<std::size_t>{3, 2, 1, 1});
  }

  TEST_CASE("add_edge: the same edge counts once") {
    Graph graph(2);
    graph.add_edge(0, 1);
    graph.add_edge(0, 1);
    CHECK(graph.dependencies(1) == 1);
  }

  TEST_CASE("cycle: a chain of 100,000 needs no deep stack") {
    Graph graph(100'000);
    for (std::size_t i = 0; i + 1 < graph.size(); ++i) graph.add_edge(i, i + 1);
    CHECK_FALSE(graph.cycle().has_value());
  }
}
}  // namespace tenantry::graph
