// Blueprints: what every tenant of a class gets, and what `values` may say to it.
#pragma once
#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Reads the map under `blueprints` into the model.
void read_blueprints(Node const& map, Model& model, Reporter& reporter);

/// Checks the names of all placeholders of a blueprint that no tenant uses.
void check_unused(Blueprint const& blueprint, Model const& model, Reporter& reporter);

/// The parameter of this name of any of the tenant's blueprints, or nullptr.
Parameter const* find_parameter(TenantEntry const& tenant, std::string_view name);

/// `values` (merged, may be nullptr) with the defaults of the parameters that are not in it.
NodePtr with_defaults(NodePtr const& values, TenantEntry const& tenant);

/// Required parameters that `values` (merged, may be nullptr) does not hold.
std::vector<std::pair<Parameter const*, Blueprint const*>> missing_values(TenantEntry const& tenant,
                                                                          NodePtr const& values);

/// Reports values that are no parameter, required ones that are missing, and wrong types.
/// `scope` holds the merged values with their defaults.
void check_values(TenantEntry const& tenant, TenantScope const& scope, Evaluator& evaluator,
                  Reporter& reporter);

/// `value` converted to the kind that is wanted, where it is a text that came from a placeholder
/// and reads as such: variables and columns are texts. Otherwise unchanged.
Value converted(Value value, Node const& node, Kind wanted);

}  // namespace tenantry::config
