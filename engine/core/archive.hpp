// Zip archives that people hand over: whether one can be passed on without harm.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

/// What an archive may hold. Far above what a package of Qlik Cloud has, far below what hurts.
struct ArchiveLimits {
  std::size_t entries_max = 20'000;
  std::uint64_t unpacked_bytes_max = 1ULL << 30;  ///< of all entries together
  /// Unpacked bytes for each packed one. Deflate itself reaches 1000, on text that repeats itself:
  /// so it counts only from `ratio_from_bytes` on.
  std::uint64_t ratio_max = 200;
  std::uint64_t ratio_from_bytes = 16ULL << 20;
};

/// Reads all of the zip archive in `bytes`, checksums included, and keeps nothing. Errors, all of
/// them Errc::invalid with the name of the entry: no or a broken zip, no entries, encrypted
/// entries, names that lead out of a folder (absolute, "..", backslash) or hold a NUL, symbolic
/// links, and a zip bomb: over `limits`, by what the archive says and by what really comes out.
Result<void> check_archive(std::string_view bytes, ArchiveLimits const& limits = {});

}  // namespace tenantry
