#include "engine/config/schema_index.hpp"

#include <algorithm>

namespace tenantry::config {
namespace {
Schema const kNoTenant{
    .section = "", .singular = "tenant", .doc = "", .attributes = {}, .natural_key = {}};
}  // namespace

SchemaIndex::SchemaIndex(std::vector<Schema const*> const& schemas) : tenant_(&kNoTenant) {
  for (auto const* schema : schemas) {
    if (schema->section.empty()) {
      tenant_ = schema;
    } else {
      sections_.push_back(schema);
      by_name_.emplace(schema->section, schema);
    }
  }
}

Schema const* SchemaIndex::section(std::string_view name) const {
  auto const found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<std::string> written_names(Schema const& schema) {
  std::vector<std::string> out;
  for (auto const& a : schema.attributes) {
    if (a.use == Use::computed) continue;
    auto const& name = a.block.empty() ? a.name : a.block;
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  return out;
}

Attribute const* find_attribute(Schema const& schema, std::string_view block,
                                std::string_view name) {
  auto const found = std::ranges::find_if(
      schema.attributes, [&](auto const& a) { return a.name == name && a.block == block; });
  return found == schema.attributes.end() ? nullptr : &*found;
}

bool has_block(Schema const& schema, std::string_view block) {
  return std::ranges::any_of(schema.attributes,
                             [&](auto const& a) { return !a.block.empty() && a.block == block; });
}

}  // namespace tenantry::config
