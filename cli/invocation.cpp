#include "cli/invocation.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/core/text.hpp"

namespace tenantry::cli {

Exit fail(Invocation& invocation, Error const& error) {
  invocation.console.status({});
  invocation.console.error(error);
  return exit_of(outcome_of(error));
}

Error with_nearest_file(Error error, std::string const& path) {
  if (error.code != Errc::not_found) return error;
  namespace fs = std::filesystem;
  constexpr std::size_t kFilesMax = 10'000;
  fs::path const wanted(path);
  auto const folder = wanted.has_parent_path() ? wanted.parent_path() : fs::path(".");
  std::vector<std::string> names;
  std::error_code failure;
  for (auto at = fs::directory_iterator(folder, failure);
       !failure && at != fs::directory_iterator() && names.size() < kFilesMax;
       at.increment(failure)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) names.push_back(at->path().filename().string());
  }
  error.message += did_you_mean(wanted.filename().string(), names);
  return error;
}

}  // namespace tenantry::cli
