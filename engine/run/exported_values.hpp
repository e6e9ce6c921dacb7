// Values of live objects as the YAML has them.
#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/live_tenant.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {

/// Keys of what is exported, by section and id.
using ExportedKeys = std::map<std::pair<std::string, RemoteId>, std::string>;

/// Whether what a new object has anyway is written. Against a blueprint it is compared.
enum class Defaults { told, left_out };

struct ExportScope {
  LiveTenant const& live;
  ExportedKeys const& keys;
  Defaults defaults = Defaults::left_out;
  std::set<std::string> const& left_out;  ///< attributes that are not wanted
};

struct ExportedValues {
  Object attributes;
  std::vector<std::string> files;  ///< attributes that are live files, and so not told
};

/// What of `live` can be declared: without computed, secret and empty attributes. References become
/// the key of what is exported too, else a name, else an id.
ExportedValues exported_values(Schema const& schema, Object const& live, ExportScope const& scope);

/// Of `attributes` what `base` says otherwise, and null for what `base` has alone.
Object only_different(Schema const& schema, Object const& attributes, Object const& base,
                      plans::ReferenceNames const& names);

/// True for null and for empty texts, lists and objects.
bool says_nothing(Value const& value);

}  // namespace tenantry::run
