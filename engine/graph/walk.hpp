// A visit of every node in order, side by side where nothing forbids it.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <vector>

#include "engine/graph/graph.hpp"

namespace tenantry::graph {

enum class Visit { succeeded, failed };

enum class NodeStatus {
  succeeded,
  failed,
  skipped,  ///< a node before it failed or was skipped: the visitor was not called
};

/// Called once per node whose dependencies have all succeeded.
using Visitor = std::function<boost::asio::awaitable<Visit>(std::size_t node)>;

/// Visits `graph`, which must have no cycle, at most `visits_max` nodes at once, and returns when
/// all visits have ended. Of the nodes that are ready, the one with the longest chain behind it is
/// started first: the chain that is left when all else is done decides how long the walk takes.
/// `graph` and `visitor` must outlive the walk.
boost::asio::awaitable<std::vector<NodeStatus>> walk(Graph const& graph, Visitor const& visitor,
                                                     std::size_t visits_max);

}  // namespace tenantry::graph
