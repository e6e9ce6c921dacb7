// Files that attributes name: found beside the configuration, checked, known by their content.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <variant>

#include "engine/config/tree.hpp"
#include "engine/core/desired.hpp"
#include "engine/core/schema.hpp"

namespace tenantry::config {

/// What is wrong with a file, in the words of a Diagnostic.
struct AssetProblem {
  std::string summary;
  std::string detail;
  std::string hint = {};
};

/// Reads each file once, however many tenants share it: what they plan is made from one content.
class Assets {
 public:
  using Found = std::variant<DeclaredFile, AssetProblem>;

  /// The file that the attribute `a` of Format::file names as `written` in `source`: in the folder
  /// of `source`, symbolic links followed, and as the attribute's FileRule wants it. `written` is
  /// not empty. `a` must outlive this object.
  Found const& find(Attribute const& a, std::string const& written, Source const& source);

 private:
  using Key = std::tuple<std::filesystem::path, std::string, FileRule const*>;
  std::map<Key, Found> found_;  ///< by folder, path and rule
};

}  // namespace tenantry::config
