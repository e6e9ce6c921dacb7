#include "cli/source_paths.hpp"

#include "engine/core/file.hpp"

namespace tenantry::cli {
namespace fs = std::filesystem;
namespace {

fs::path root_of(fs::path const& current, EnvironmentReader const& environment) {
  for (auto const* variable : {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"}) {
    auto const named = environment(variable).value_or("");
    if (named.empty() || !is_inside(current, named)) continue;
    std::error_code error;
    auto const root = fs::canonical(named, error);
    if (!error) return root;
  }
  for (auto folder = current; !folder.empty(); folder = folder.parent_path()) {
    std::error_code error;
    if (fs::exists(folder / ".git", error)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

}  // namespace

SourcePaths SourcePaths::of(EnvironmentReader const& environment) {
  std::error_code error;
  auto const current = fs::canonical(fs::current_path(error), error);
  if (error) return {{}, {}};
  return {root_of(current, environment), current};
}

std::string SourcePaths::operator()(std::string const& file) const {
  if (root_.empty()) return file;
  auto const relative = (current_ / file).lexically_normal().lexically_relative(root_);
  bool const outside = relative.empty() || *relative.begin() == "..";
  return outside ? file : relative.generic_string();
}

}  // namespace tenantry::cli
