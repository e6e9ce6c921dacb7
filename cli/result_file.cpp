#include "cli/result_file.hpp"

#include <fmt/format.h>

#include <string_view>

#include "engine/core/atomic_file.hpp"
#include "engine/core/file_reader.hpp"
#include "engine/core/text.hpp"

namespace tenantry::cli {

Result<void> check_result_file(std::filesystem::path const& path) {
  auto usable = AtomicFile::check(path);
  if (!usable) return usable;
  constexpr std::string_view kDatabase = "SQLite format 3";
  auto const present = FileReader::open(path);
  if (!present || present->size() < kDatabase.size()) return {};
  auto const start = present->read(0, kDatabase.size());
  if (!start || *start != kDatabase) return {};
  return Error(Errc::conflict,
               fmt::format("{} is a database, such as a state, and is not overwritten",
                           visible(path.string())),
               "name another file");
}

}  // namespace tenantry::cli
