// Where a file of the configuration is in the repository that it belongs to.
#pragma once
#include <filesystem>
#include <string>

#include "cli/terminal.hpp"

namespace tenantry::cli {

/// Turns paths as messages name them (relative to the current folder, or absolute) into paths from
/// the root of the repository, which is what code hosts know a file by. The root is
/// GITHUB_WORKSPACE or CI_PROJECT_DIR where the current folder is inside of it, else the nearest
/// folder above that has a `.git`; without any, paths stay as they are.
class SourcePaths {
 public:
  static SourcePaths of(EnvironmentReader const& environment);
  SourcePaths(std::filesystem::path root, std::filesystem::path current)
      : root_(std::move(root)), current_(std::move(current)) {}

  /// With "/" between folders. What is outside of the root stays as it is.
  std::string operator()(std::string const& file) const;

 private:
  std::filesystem::path root_;     ///< empty: there is none
  std::filesystem::path current_;  ///< absolute
};

}  // namespace tenantry::cli
