#include "engine/run/change_graph.hpp"

#include <map>

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

bool makes_tenant_usable(Change const& change) {
  return change.address.is_tenant() &&
         (change.action == Action::create || change.action == Action::adopt ||
          change.action == Action::reactivate);
}

std::string name_before(Change const& change, Provider const& provider) {
  auto const* type = provider.find(change.address.section);
  return type == nullptr ? std::string() : natural_key(type->schema(), change.before);
}

std::string name_after(Change const& change, Provider const& provider) {
  auto const* type = provider.find(change.address.section);
  return type == nullptr ? std::string() : natural_key(type->schema(), change.after);
}

}  // namespace

graph::Graph order_changes(std::vector<Change const*> const& changes,
                           state::TenantState const& state, Provider const& provider) {
  graph::Graph graph(changes.size());
  std::map<Address, std::size_t> nodes;
  for (std::size_t i = 0; i < changes.size(); ++i) nodes[changes[i]->address] = i;
  std::map<std::pair<std::string, std::string>, std::size_t>
      freed;  // section and name of deletions
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i]->action != Action::delete_) continue;
    freed[{changes[i]->address.section, name_before(*changes[i], provider)}] = i;
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto const& change = *changes[i];
    if (makes_tenant_usable(change)) {
      for (std::size_t j = 0; j < changes.size(); ++j) graph.add_edge(i, j);
    }
    for (auto const& needed : change.depends_on) {
      auto const found = nodes.find(needed);
      if (found == nodes.end()) continue;
      bool const needed_goes = changes[found->second]->action == Action::delete_;
      if (needed_goes || change.action == Action::delete_) continue;  // below, the other way round
      graph.add_edge(found->second, i);
    }
    if (auto const* row = state.find(change.address)) {
      for (auto const& needed : row->depends_on) {
        auto const found = nodes.find(needed);
        if (found == nodes.end() || changes[found->second]->action != Action::delete_) continue;
        graph.add_edge(i, found->second);
      }
    }
    if (change.action == Action::create) {
      auto const old = freed.find({change.address.section, name_after(change, provider)});
      if (old != freed.end()) graph.add_edge(old->second, i);
    }
  }
  return graph;
}

}  // namespace tenantry::run
