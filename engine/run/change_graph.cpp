#include "engine/run/change_graph.hpp"

#include <algorithm>
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

/// Whether carrying `change` out gives the flag to its object.
bool takes(Change const& change, std::string const& flag) {
  auto const* after = find(change.after, flag);
  bool const is_set = after != nullptr && after->is_bool() && after->get_bool();
  if (change.action == Action::create || change.action == Action::replace) return is_set;
  return is_set &&
         std::ranges::any_of(change.attributes, [&](auto const& a) { return a.name == flag; });
}

/// Whether the object has the flag, and will not have it afterwards.
bool gives_up(Change const& change, std::string const& flag) {
  auto const* before = find(change.before, flag);
  bool const had = before != nullptr && before->is_bool() && before->get_bool();
  if (change.action == Action::delete_) return had;
  auto const* after = find(change.after, flag);
  return had && change.action == Action::update && after != nullptr && *after == Value(false);
}

/// A flag that one object of a tenant has (the current key) goes from one to the next without a
/// gap: taken first, given up afterwards.
void order_exclusive(std::vector<Change const*> const& changes, Provider const& provider,
                     graph::Graph& graph) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto const* type = provider.find(changes[i]->address.section);
    if (type == nullptr) continue;
    for (auto const& flag : type->schema().exclusive) {
      if (!takes(*changes[i], flag)) continue;
      for (std::size_t j = 0; j < changes.size(); ++j) {
        bool const same_kind = changes[j]->address.section == changes[i]->address.section;
        if (j != i && same_kind && gives_up(*changes[j], flag)) graph.add_edge(i, j);
      }
    }
  }
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
  order_exclusive(changes, provider, graph);
  return graph;
}

}  // namespace tenantry::run
