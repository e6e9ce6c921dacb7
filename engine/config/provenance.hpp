// Which layer of a tenant says what: for people who ask where a value comes from.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/value.hpp"

namespace tenantry::config {

/// A layer of a tenant. In the order of kinds, later wins; blueprints among each other in theirs.
struct Layer {
  enum class Kind {
    parameter,  ///< the default of a parameter of a blueprint
    region,
    blueprint,
    fleet,  ///< what a fleet says of each of its rows
    tenant,
    override_,  ///< what `overrides` of a fleet says of one row
  };
  Kind kind = Kind::tenant;
  std::string name;        ///< of the region, blueprint, fleet, or the tenant's key
  std::string written_as;  ///< of a blueprint that a wave uses in place of this one; else empty
  SourceRange where;       ///< its key in the YAML
};
/// "blueprint", "override", ...
std::string_view name_of(Layer::Kind kind);

/// What one layer says of one value.
struct Statement {
  Layer layer;
  SourceRange where;      ///< of the key
  Value value = nullptr;  ///< as it is written, placeholders kept; null removes
  bool appends = false;   ///< `{$append: [...]}`: `value` is the list
  bool counts = false;    ///< it is, or is a part of, what is wanted
};

/// What a placeholder in one of the statements stands for.
struct Used {
  std::string name;  ///< "values.origins", "row.name", "var.mail"
  SourceRange where;
  bool sensitive = false;             ///< a secret variable: its value is not read
  Value value = nullptr;              ///< of a cell or a variable that is none
  std::vector<Statement> statements;  ///< of `values`: which layers give it
};

/// Where a value of a tenant comes from.
struct Trace {
  std::vector<Layer> layers;          ///< of the tenant
  std::vector<Statement> statements;  ///< lowest layer first
  std::vector<Used> uses;             ///< of the statements that count, and of what these use
};

/// A configuration that knows its layers: what load() gives.
class Provenance {
 public:
  virtual ~Provenance() = default;
  /// Which layers tenant `key`, one of tenants(), has, and what each of them says of the value at
  /// `path`: {"groups", "analysts", "description"}; empty: only the layers are asked for. Secrets
  /// that the YAML holds literally are in it as they are written.
  virtual Trace trace(std::string_view key, std::vector<std::string> const& path) const = 0;
};
/// `configuration` must come from load().
Provenance const& provenance_of(Configuration const& configuration);

}  // namespace tenantry::config
