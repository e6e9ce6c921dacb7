// The JSON Schema (draft 7) of the configuration, for editors and other programs.
#pragma once
#include <vector>

#include "engine/core/schema.hpp"

namespace tenantry::config {

/// Which file: one of the configuration, or the one of --connections.
enum class DocumentKind { configuration, connections };

/// The schema of one file, made from the tables of the kinds and of the language. It says less than
/// `load` checks, and never more: whatever load accepts is valid. `schemas` as in LoadOptions.
Object json_schema(DocumentKind kind, std::vector<Schema const*> const& schemas);

}  // namespace tenantry::config
