#include "engine/config/merge.hpp"

#include <algorithm>
#include <unordered_map>

namespace tenantry::config {
namespace {

NodePtr normalised(NodePtr const& node);

NodePtr normalised_map(NodePtr const& node) {
  std::vector<Member> members;
  members.reserve(node->members.size());
  bool changed = false;
  for (auto const& m : node->members) {
    if (m.value->is_null()) {
      changed = true;
      continue;
    }
    auto value = normalised(m.value);
    changed = changed || value != m.value;
    members.push_back({m.key, m.key_mark, std::move(value)});
  }
  return changed ? make_map(node->mark, std::move(members)) : node;
}

/// What `$append` holds; nothing where check_layer has reported that it is no list.
NodePtr list_to_append(Node const& node) {
  auto const& value = node.find(kAppend)->value;
  if (value->is_list() || value->has_placeholder) return normalised(value);
  return make_list(value->mark, {});
}

/// `node` as a layer of its own. Shared, not copied, where nothing changes.
NodePtr normalised(NodePtr const& node) {
  if (is_append(*node)) {
    auto list = list_to_append(*node);
    return list->is_list() ? list : make_join(node->mark, {std::move(list)});
  }
  if (node->is_map()) return normalised_map(node);
  if (!node->is_list()) return node;
  std::vector<NodePtr> items;
  items.reserve(node->items.size());
  bool changed = false;
  for (auto const& item : node->items) {
    items.push_back(normalised(item));
    changed = changed || items.back() != item;
  }
  return changed ? make_list(node->mark, std::move(items)) : node;
}

NodePtr appended(NodePtr const& lower, NodePtr const& upper) {
  std::vector<NodePtr> parts;
  if (lower->type == Node::Type::join) {
    parts = lower->items;
  } else {
    parts.push_back(lower);
  }
  parts.push_back(list_to_append(*upper));
  return make_join(upper->mark, std::move(parts));
}

NodePtr merged_maps(Node const& lower, Node const& upper) {
  auto members = lower.members;
  // Maps of resources are small; an index pays only for big ones.
  constexpr std::size_t kIndexFrom = 16;
  std::unordered_map<std::string_view, std::size_t> index;
  if (lower.members.size() >= kIndexFrom) {
    for (std::size_t i = 0; i < lower.members.size(); ++i) index.emplace(lower.members[i].key, i);
  }
  auto const position = [&](std::string const& key) {
    if (lower.members.size() >= kIndexFrom) {
      auto const found = index.find(key);
      return found == index.end() ? lower.members.size() : found->second;
    }
    auto const found =
        std::ranges::find_if(lower.members, [&](auto const& m) { return m.key == key; });
    return static_cast<std::size_t>(found - lower.members.begin());
  };
  for (auto const& m : upper.members) {
    auto const i = position(m.key);
    if (i < lower.members.size()) {
      bool const both_maps =
          members[i].value->is_map() && m.value->is_map() && !is_append(*m.value);
      if (!both_maps) members[i].key_mark = m.key_mark;
      members[i].value = m.value->is_null() ? nullptr : merge(members[i].value, m.value);
    } else if (!m.value->is_null()) {
      members.push_back({m.key, m.key_mark, normalised(m.value)});
    }
  }
  std::erase_if(members, [](auto const& m) { return m.value == nullptr; });
  return make_map(lower.mark, std::move(members));
}

}  // namespace

bool is_append(Node const& node) { return node.is_map() && node.find(kAppend) != nullptr; }

NodePtr merge(NodePtr const& lower, NodePtr const& upper) {
  if (upper == nullptr) return lower;
  if (lower == nullptr) return normalised(upper);
  if (is_append(*upper)) return appended(lower, upper);
  if (lower->is_map() && upper->is_map()) return merged_maps(*lower, *upper);
  return normalised(upper);
}

}  // namespace tenantry::config
