// The layers of a tenant over each other.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/model.hpp"

namespace tenantry::config {

/// The entry of a tenant under `tenants` with its body.
TenantEntry with_body(TenantEntry entry);

/// Everything that is written of the tenant: blueprints, body, override.
NodePtr merged_body(TenantEntry const& entry);
/// Its `values`, with those of its region and blueprints; nullptr: none.
NodePtr merged_values(TenantEntry const& entry);
/// `upper.values` over `lower`, where it is a map.
NodePtr over_values(NodePtr const& lower, Node const& upper);

/// True where `${row.PATH}` names a cell, or a member of one, that is empty.
bool is_empty(FleetRow const& row, std::string_view path);
/// Paths of cells whose emptiness leaves out a part of `body`: those that are a whole value or a
/// whole element of a list. Sorted.
std::vector<std::string> optional_cells(Node const& body);
/// The empty cell that leaves out the member `key` of the fleet's body, or of its map `values`
/// where it is "values.X"; nothing where the member is not left out for that.
std::optional<Mark> place_of_empty_cell(TenantEntry const& entry, std::string_view path);
/// `body` without the values and elements that are nothing but an empty cell of `row`.
NodePtr without_empty_cells(NodePtr const& body, FleetRow const& row);

}  // namespace tenantry::config
