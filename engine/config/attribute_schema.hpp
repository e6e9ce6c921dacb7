// JSON Schema (draft 7) of single values: from the attribute tables to what an editor reads.
#pragma once
#include <vector>

#include "engine/core/schema.hpp"

namespace tenantry::config {

/// Whether `${...}` is replaced in a value, and may therefore stand in place of another type.
enum class Placeholders { allowed, refused };
/// Whether what stands there is all there will be, or a layer that others complete.
enum class Completeness { whole, layer };

/// How the values of a block are written.
struct Writing {
  Placeholders placeholders = Placeholders::allowed;
  Completeness completeness = Completeness::layer;
};

/// `{"$ref": "#/definitions/<name>"}`.
Object reference_to(std::string_view name);

/// The definitions that the schemas of attributes refer to.
Object attribute_definitions();

/// `schema` or null: a key without a value is as if it were not written.
Object or_null(std::string_view doc, Object schema);

/// What may be written for an attribute, with its text and its default.
Object attribute_schema(Attribute const& attribute, Writing writing);

/// A map with exactly these members; those that must be written are required where the map is
/// whole. Computed attributes cannot be written and are not in it.
Object map_schema(std::vector<Attribute> const& table, Writing writing);

/// A map of keys that the user chooses.
Object keyed_schema(Object element);

/// `out` takes only the members that it names.
void close(Object& out);

}  // namespace tenantry::config
