// Files that are built into the program: the starter configurations that `init` writes, which are
// the files of examples/, and the scripts of cli/completions.
#pragma once
#include <span>
#include <string_view>

namespace tenantry::cli {

struct StarterFile {
  std::string_view example;  ///< "quickstart"
  std::string_view path;     ///< inside the example: "tenantry.yaml"
  std::string_view text;
};

/// All files of all examples.
std::span<StarterFile const> starter_files();

/// The completion scripts; `path` is the file's name.
std::span<StarterFile const> completion_files();

}  // namespace tenantry::cli
