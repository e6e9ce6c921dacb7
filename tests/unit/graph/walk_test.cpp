#include "engine/graph/walk.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::graph {
namespace asio = boost::asio;
namespace {

struct Outcome {
  std::vector<std::size_t> order;
  std::vector<NodeStatus> status;
  std::size_t most_at_once = 0;
};

Outcome walk_all(Graph const& graph, std::set<std::size_t> failing, std::size_t visits_max) {
  asio::io_context io;
  Outcome out;
  std::size_t now = 0;
  Visitor const visitor = [&](std::size_t node) -> asio::awaitable<Visit> {
    out.order.push_back(node);
    out.most_at_once = std::max(out.most_at_once, ++now);
    for (int i = 0; i < 3; ++i) co_await asio::post(asio::use_awaitable);
    --now;
    co_return failing.contains(node) ? Visit::failed : Visit::succeeded;
  };
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> { out.status = co_await walk(graph, visitor, visits_max); },
      asio::detached);
  io.run();
  return out;
}

}  // namespace

TEST_SUITE("walk") {
  TEST_CASE("walk: a node comes after all that it waits for") {
    // 0 -> 1 -> 3, 0 -> 2 -> 3
    Graph graph(4);
    graph.add_edge(0, 1);
    graph.add_edge(0, 2);
    graph.add_edge(1, 3);
    graph.add_edge(2, 3);
    auto const out = walk_all(graph, {}, 8);
    REQUIRE(out.order.size() == 4);
    CHECK(out.order.front() == 0);
    CHECK(out.order.back() == 3);
    CHECK(out.most_at_once == 2);
  }

  TEST_CASE("walk: a failure skips its dependents and nothing else") {
    // 0 -> 1 -> 2, 3 alone
    Graph graph(4);
    graph.add_edge(0, 1);
    graph.add_edge(1, 2);
    auto const out = walk_all(graph, {0}, 8);
    CHECK(out.status == std::vector<NodeStatus>{NodeStatus::failed, NodeStatus::skipped,
                                                NodeStatus::skipped, NodeStatus::succeeded});
  }

  TEST_CASE("walk: no more nodes than allowed are visited at once") {
    auto const out = walk_all(Graph(1000), {}, 10);
    CHECK(out.order.size() == 1000);
    CHECK(out.most_at_once == 10);
  }

  TEST_CASE("walk: the longest chain goes first, also before what was ready earlier") {
    // 0, 1, 2 alone; 3 -> 4 -> 5; 6 -> 7
    Graph graph(8);
    graph.add_edge(3, 4);
    graph.add_edge(4, 5);
    graph.add_edge(6, 7);
    auto const out = walk_all(graph, {}, 1);
    CHECK(out.order == std::vector<std::size_t>{3, 4, 6, 0, 1, 2, 5, 7});
  }

  TEST_CASE("walk: the critical path never waits for what has time") {
    // A chain of 20 nodes, last by number, beside 60 nodes without order; 4 at a time.
    Graph graph(80);
    for (std::size_t node = 60; node < 79; ++node) graph.add_edge(node, node + 1);
    auto const out = walk_all(graph, {}, 4);
    REQUIRE(out.order.size() == 80);
    CHECK(out.most_at_once == 4);
    for (std::size_t link = 0; link < 20; ++link) {
      auto const at = std::ranges::find(out.order, 60 + link) - out.order.begin();
      CAPTURE(link);
      CHECK(std::size_t(at) / 4 <= link + 1);  // in its own round of four, or the next
    }
  }
}
}  // namespace tenantry::graph
