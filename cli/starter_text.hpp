// The text of an example as `init` writes it: with another region and tenant, and with the line
// that tells an editor its schema.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cli/starter.hpp"
#include "engine/core/error.hpp"

namespace tenantry::cli {

/// Names of the first tenant of an example.
struct StarterNames {
  std::string region;
  std::string tenant;  ///< key and alias
};

/// What the files of an example call them; nothing where it has several.
std::optional<StarterNames> names_in_example(std::string_view example);

/// What an example is, in a line: the first comment of its configuration.
std::string summary_of_example(std::string_view example);

/// Errors: invalid, for what cannot be a region's key or an alias.
Result<void> check_names(StarterNames const& names);

/// The text of `file` with `names` in place of its own (empty: its own), with a first line that
/// names `schema` where it is YAML, and without what only tests read where it is a page.
std::string starter_text(StarterFile const& file, StarterNames const& names,
                         std::string_view schema);

}  // namespace tenantry::cli
