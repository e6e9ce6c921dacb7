// The keys of the configuration language that are not attributes of a kind: what may stand in each
// block, and what it means. Readers take their valid keys from here, and so does the JSON Schema.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/schema.hpp"

namespace tenantry::config::language {

/// The keys of one block. Kinds that an attribute cannot express (a count or a share) are `any`.
using Table = std::vector<Attribute>;

/// Of a file of the configuration, and of the file of --connections.
Table const& configuration();
Table const& connections();

Table const& variable();      ///< variables.X
Table const& region();        ///< regions.X
Table const& client();        ///< regions.X.clients[]
Table const& organization();  ///< organization
Table const& state();         ///< state
Table const& parameter();     ///< blueprints.X.parameters.Y
Table const& blueprint();     ///< blueprints.X, besides what a tenant's block takes from the kinds
Table const& tenant();        ///< tenants.X, likewise
Table const& auth();          ///< tenants.X.auth
Table const& hold();          ///< tenants.X.hold
Table const& fleet();         ///< fleets.X, besides the keys of a tenant
Table const& column();        ///< fleets.X.columns.Y
Table const& resource();      ///< any resource, besides its attributes
Table const& lifecycle();     ///< lifecycle of a tenant or resource
Table const& policy();        ///< policy
Table const& rollout();       ///< rollout
Table const& wave();          ///< rollout.waves[]
Table const& moved();         ///< moved[]
Table const& removed();       ///< removed[]

/// What `policy.drift` may say of a pattern.
Attribute const& drift_mode();

/// The keys of a block, in the order of its table.
std::vector<std::string> names(Table const& table);

/// The words that `name` of a block may have.
std::vector<std::string> const& words(Table const& table, std::string_view name);

}  // namespace tenantry::config::language
