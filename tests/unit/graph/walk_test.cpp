#include "engine/graph/walk.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/core/concurrency.hpp"

namespace tenantry::graph {
namespace asio = boost::asio;
namespace {

struct Outcome {
  std::vector<std::size_t> order;
  std::vector<NodeStatus> status;
  std::size_t most_at_once = 0;
};

Outcome walk_all(Graph const& graph, std::set<std::size_t> failing, std::size_t permits) {
  asio::io_context io;
  Semaphore semaphore(io.get_executor(), permits);
  Outcome out;
  std::size_t now = 0;
  Visitor const visitor = [&](std::size_t node) -> asio::awaitable<Visit> {
    auto const permit = co_await semaphore.acquire();
    out.order.push_back(node);
    out.most_at_once = std::max(out.most_at_once, ++now);
    for (int i = 0; i < 3; ++i) co_await asio::post(asio::use_awaitable);
    --now;
    co_return failing.contains(node) ? Visit::failed : Visit::succeeded;
  };
  asio::co_spawn(
      io, [&]() -> asio::awaitable<void> { out.status = co_await walk(graph, visitor); },
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

  TEST_CASE("walk: the visitor's semaphore bounds what runs at once") {
    auto const out = walk_all(Graph(1000), {}, 10);
    CHECK(out.order.size() == 1000);
    CHECK(out.most_at_once == 10);
  }
}
}  // namespace tenantry::graph
