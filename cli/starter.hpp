// The starter configurations that `init` writes: the files of examples/, built into the program.
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

}  // namespace tenantry::cli
