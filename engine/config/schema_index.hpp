// The schemas of a run, ready for look-ups by YAML key.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/schema.hpp"

namespace tenantry::config {

/// Keys of a resource that are Tenantry's own.
inline constexpr std::string_view kWhen = "when";
inline constexpr std::string_view kLifecycle = "lifecycle";
inline constexpr std::string_view kDependsOn = "dependsOn";
inline constexpr std::string_view kDeliverSecret = "deliverSecret";

class SchemaIndex {
 public:
  /// `schemas` must outlive the index. The tenant's has the section "".
  explicit SchemaIndex(std::vector<Schema const*> const& schemas);

  Schema const& tenant() const { return *tenant_; }
  /// nullptr for an unknown section.
  Schema const* section(std::string_view name) const;
  /// In the order in which they were given.
  std::vector<Schema const*> const& sections() const { return sections_; }

 private:
  Schema const* tenant_;
  std::vector<Schema const*> sections_;
  std::map<std::string, Schema const*, std::less<>> by_name_;
};

/// Names that may be written directly in a block of this kind: attributes without a block that are
/// not computed, and the blocks.
std::vector<std::string> written_names(Schema const& schema);
/// The attribute that is written as `name` in the YAML block `block` ("" for none); nullptr if
/// there is none.
Attribute const* find_attribute(Schema const& schema, std::string_view block,
                                std::string_view name);
/// True where attributes of the kind are written in a block of this name.
bool has_block(Schema const& schema, std::string_view block);

}  // namespace tenantry::config
