// A file that is written piece by piece, and is there whole or not at all.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/file.hpp"

namespace tenantry {

/// Written under another name in the same folder. Gone without commit().
class AtomicFile {
 public:
  /// Whether `path` may be written, as far as that can be said without doing it: its folder is
  /// there, and nothing but a file is replaced. A rename over /dev/null would take it from
  /// everybody. Errors: not_found for the folder, io.
  static Result<void> check(std::filesystem::path const& path);
  /// Errors: as check().
  static Result<AtomicFile> create(std::filesystem::path const& path, FileMode mode);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<void> write(std::string_view bytes);
  /// Durable, and under its own name in place of what was there.
  Result<void> commit();

 private:
  AtomicFile(int descriptor, std::filesystem::path path, std::string temporary, FileMode mode);

  int descriptor_;
  std::filesystem::path path_;
  std::string temporary_;  ///< empty once the file has its own name
  FileMode mode_;
};

}  // namespace tenantry
