// Everything that was read and is shared by the expansion of all tenants.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/assets.hpp"
#include "engine/config/configuration.hpp"
#include "engine/config/schema_index.hpp"
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

/// A tenant as written.
struct TenantEntry {
  TenantSummary summary;
  Mark where;
  NodePtr body;
  NodePtr base;         ///< the blueprints' bodies, merged; nullptr: none
  NodePtr base_values;  ///< values of region and blueprints, merged
  std::vector<Blueprint const*> blueprints;
  bool usable = true;  ///< region and blueprints are known
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

struct Model {
  explicit Model(std::vector<Schema const*> const& given) : schemas(given) {}

  std::deque<Source> sources;  ///< stable addresses: marks point here
  SchemaIndex schemas;
  std::unique_ptr<Assets> assets = std::make_unique<Assets>();  ///< filled by expansions
  Target target = Target::qlik_cloud;
  std::filesystem::path folder;
  bool has_connections = false;
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
  std::vector<TenantEntry> tenants;  ///< sorted by key
};

/// Names of the values that any region gives: a blueprint may use them with a fallback.
std::set<std::string> region_value_names(Model const& model);

}  // namespace tenantry::config
