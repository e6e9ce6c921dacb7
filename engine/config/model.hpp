// Everything that was read and is shared by the expansion of all tenants.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/config/assets.hpp"
#include "engine/config/configuration.hpp"
#include "engine/config/fleet_rows.hpp"
#include "engine/config/schema_index.hpp"
#include "engine/config/tenant_index.hpp"
#include "engine/config/tree.hpp"
#include "engine/config/variables.hpp"

namespace tenantry::config {

enum class ParameterType { text, number, integer, boolean, list, map };

/// What `values` may hold for a blueprint.
struct Parameter {
  std::string name;
  Mark where;
  ParameterType type = ParameterType::text;
  bool required = false;
  NodePtr default_value;  ///< nullptr: none
};

struct Blueprint {
  std::string key;
  Mark where;
  std::vector<Parameter> parameters;
  NodePtr values;  ///< nullptr: none
  NodePtr body;    ///< the rest: what a tenant could write itself
  bool used = false;
};

struct FleetEntry;

/// A tenant as written, under `tenants` or as a row of a fleet. Layers, later wins: `base`, `body`,
/// `override_body`.
struct TenantEntry {
  TenantSummary summary;
  Mark where;
  Mark hostname_where;
  NodePtr written;  ///< of a tenant under `tenants`: its map, packed
  /// Of a row: that of its fleet, without what empty cells leave out. Of a tenant of the model
  /// nullptr: with_body() gives it.
  NodePtr body;
  NodePtr override_body;  ///< of a row: what `overrides` has for its key; nullptr: nothing
  NodePtr base;           ///< the blueprints' bodies, merged; nullptr: none
  NodePtr base_values;    ///< values of region and blueprints, merged
  /// Base and body merged, where tenants of a fleet share them; else nullptr.
  NodePtr shared;
  NodePtr shared_values;
  std::shared_ptr<FleetRow const> row;  ///< nullptr: written under `tenants`
  FleetEntry const* fleet = nullptr;    ///< of the row
  std::vector<Blueprint const*> blueprints;
  bool usable = true;  ///< region and blueprints are known

  /// The member that counts of those that only a tenant can have; nullptr where it is missing.
  Member const* own(std::string_view key) const;
  /// The same as a value; nullptr where it is missing or null.
  Node const* own_value(std::string_view key) const;
};

/// Rows as tenants.
struct FleetEntry {
  Fleet fleet;
  Mark where;
  NodePtr body;         ///< what a tenant could write itself, with the columns as placeholders
  NodePtr key;          ///< the text that gives a row its key
  NodePtr former_keys;  ///< the text or list that gives its former ones; nullptr: none
  std::map<std::string, Member, std::less<>> overrides;  ///< by key
  std::unique_ptr<FleetRows const> rows;
  std::vector<std::string> optional_cells;  ///< paths: empty, they leave out a part of the body
};

/// What `--connections` says of deliverSecret.
struct Sink {
  std::string pattern;  ///< glob of addresses
  NodePtr value;
};

struct RegionEntry {
  Region region;
  NodePtr values;         ///< nullptr: none
  bool declared = false;  ///< false: only named by a tenant, for the emulator
  Mark where = {};
};

/// Layers that many tenants share, merged once.
struct SharedLayers {
  /// Which cells are empty makes shapes of rows. With more of them than this, sharing begins anew.
  static constexpr std::size_t kShapesMax = 1'000;
  using Blueprints = std::vector<Blueprint const*>;
  /// A fleet, which of its optional cells are empty, a region and blueprints.
  using Rows = std::tuple<FleetEntry const*, std::vector<bool>, std::string, Blueprints>;
  struct OfRows {
    NodePtr merged;
    NodePtr values;
  };
  std::map<Blueprints, NodePtr> bases;
  std::map<std::pair<std::string, Blueprints>, NodePtr> values;  ///< by region
  std::map<std::pair<FleetEntry const*, std::vector<bool>>, NodePtr> bodies;
  std::map<Rows, OfRows> rows;
};

struct Model {
  explicit Model(std::vector<Schema const*> const& given) : schemas(given) {}

  std::deque<Source> sources;  ///< stable addresses: marks point here
  SchemaIndex schemas;
  std::unique_ptr<Assets> assets = std::make_unique<Assets>();  ///< filled by expansions
  Target target = Target::qlik_cloud;
  std::filesystem::path folder;
  bool has_connections = false;
  bool has_all_tenants = true;  ///< false: some could not be read at all (reported)
  VariableTable variables;
  std::map<std::string, RegionEntry> regions;
  std::map<std::string, Region> region_views;  ///< what Configuration::regions gives
  std::optional<Organization> organization;
  Policy policy;
  std::optional<Rollout> rollout;
  StateSettings state;
  std::map<std::string, Blueprint> blueprints;
  std::vector<Sink> sinks;
  std::vector<Moved> moved;
  std::vector<Removed> removed;
  Object written;                    ///< what Configuration::written gives
  std::vector<TenantEntry> tenants;  ///< those under `tenants`, sorted by key
  std::map<std::string, std::unique_ptr<FleetEntry>> fleets;
  std::map<std::string, Fleet> fleet_views;  ///< what Configuration::fleets gives
  FormerKeys former_keys;
  TenantIndex index;                                                        ///< of all tenants
  std::unique_ptr<SharedLayers> layers = std::make_unique<SharedLayers>();  ///< likewise
};

/// Names of the values that any region gives: a blueprint may use them with a fallback.
std::set<std::string> region_value_names(Model const& model);

}  // namespace tenantry::config
