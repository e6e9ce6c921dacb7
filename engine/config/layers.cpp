#include "engine/config/layers.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/config/merge.hpp"
#include "engine/config/packed_tree.hpp"
#include "engine/config/placeholders.hpp"

namespace tenantry::config {
namespace {

/// What `${row.PATH}` names where it is the whole text, without a fallback; "" for another node.
std::string_view path_alone(Node const& node) {
  if (!node.has_placeholder || node.parsed->pieces.size() != 1) return {};
  auto const& piece = node.parsed->pieces.front();
  return piece.space == "row" && !piece.fallback ? std::string_view(piece.path)
                                                 : std::string_view();
}

bool is_empty_cell(Node const& node, FleetRow const& row) {
  auto const path = path_alone(node);
  return !path.empty() && is_empty(row, path);
}

void collect(Node const& node, std::set<std::string>& out) {
  if (auto const path = path_alone(node); !path.empty()) out.emplace(path);
  for (auto const& item : node.items) collect(*item, out);
  for (auto const& member : node.members) collect(*member.value, out);
}

}  // namespace

Member const* TenantEntry::own(std::string_view key) const {
  auto const* member = override_body == nullptr ? nullptr : override_body->find(key);
  return member != nullptr ? member : body->find(key);
}

Node const* TenantEntry::own_value(std::string_view key) const {
  auto const* member = own(key);
  return member == nullptr || member->value->is_null() ? nullptr : member->value.get();
}

TenantEntry with_body(TenantEntry entry) {
  entry.body = unpacked(entry.written);
  return entry;
}

NodePtr over_values(NodePtr const& lower, Node const& upper) {
  auto const* written = upper.find("values");
  return merge(lower, written != nullptr && written->value->is_map() ? written->value : nullptr);
}

NodePtr merged_body(TenantEntry const& entry) {
  auto body = entry.shared != nullptr ? entry.shared : merge(entry.base, entry.body);
  return entry.override_body == nullptr ? body : merge(body, entry.override_body);
}

NodePtr merged_values(TenantEntry const& entry) {
  auto values =
      entry.shared != nullptr ? entry.shared_values : over_values(entry.base_values, *entry.body);
  return entry.override_body == nullptr ? values : over_values(values, *entry.override_body);
}

bool is_empty(FleetRow const& row, std::string_view path) {
  auto const found = row.find(path);
  return found && found->is_empty();
}

std::vector<std::string> optional_cells(Node const& body) {
  std::set<std::string> out;
  collect(body, out);
  return {out.begin(), out.end()};
}

std::optional<Mark> place_of_empty_cell(TenantEntry const& entry, std::string_view path) {
  if (entry.fleet == nullptr) return std::nullopt;
  auto const* node = entry.fleet->body.get();
  constexpr std::string_view kValues = "values.";
  if (path.starts_with(kValues)) {
    node = node->value_of("values");
    path.remove_prefix(kValues.size());
  }
  if (node != nullptr) node = node->value_of(path);
  if (node == nullptr) return std::nullopt;
  if (!is_empty_cell(*node, *entry.row)) return std::nullopt;
  return entry.row->find(path_alone(*node))->cell->where;
}

NodePtr without_empty_cells(NodePtr const& body, FleetRow const& row) {
  if (body->is_map()) {
    std::vector<Member> members;
    for (auto const& m : body->members) {
      if (!is_empty_cell(*m.value, row)) {
        members.push_back({m.key, m.key_mark, without_empty_cells(m.value, row)});
      }
    }
    return make_map(body->mark, std::move(members));
  }
  if (!body->is_list()) return body;
  std::vector<NodePtr> items;
  for (auto const& item : body->items) {
    if (!is_empty_cell(*item, row)) items.push_back(without_empty_cells(item, row));
  }
  return make_list(body->mark, std::move(items));
}

}  // namespace tenantry::config
