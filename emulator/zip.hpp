// Zip archives in memory.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"

namespace tenantry::emulator {

/// A file of an archive.
struct ZipEntry {
  std::string name;  ///< "folder/project.yaml"
  std::string bytes;
};

/// The files of an archive, folders left out. Errors: invalid (no zip, damaged, encrypted),
/// too_large (over 1,000 files, or 16 MB unpacked).
Result<std::vector<ZipEntry>> read_zip(std::string_view bytes);

/// An archive of these files; equal files give equal bytes. Errors: internal.
Result<std::string> write_zip(std::span<ZipEntry const> entries);

}  // namespace tenantry::emulator
