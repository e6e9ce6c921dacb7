// Diagnostics as SARIF 2.1.0, for code hosts and editors.
#pragma once
#include "cli/source_paths.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/value.hpp"

namespace tenantry::cli {

/// A SARIF log with one run. A rule is one kind of problem, named by its summary in kebab case
/// ("unknown-key"). Paths are relative to the root of the repository. Each result has a fingerprint
/// that stays when lines move.
Object sarif_log(Diagnostics const& diagnostics, SourcePaths const& paths);

}  // namespace tenantry::cli
