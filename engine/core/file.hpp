// Files: bounded reads, atomic private writes.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

/// The whole file. Errors: not_found, too_large (more than `bytes_max`), io. Directories and
/// devices are refused.
Result<std::string> read_file(std::filesystem::path const& path, std::size_t bytes_max);

enum class FileMode { shared, private_ };  ///< 0644 and 0600

/// Writes by temporary file, fsync, rename and fsync of the folder: the file is there whole, or as
/// it was before. A private file never has other permissions, not for a moment.
Result<void> write_file_atomically(std::filesystem::path const& path, std::string_view bytes,
                                   FileMode mode);

/// `path` without symbolic links lies in `folder` without symbolic links.
bool is_inside(std::filesystem::path const& path, std::filesystem::path const& folder);

}  // namespace tenantry
