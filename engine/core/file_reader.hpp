// A file that is read piece by piece.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/core/error.hpp"

namespace tenantry {

class FileReader {
 public:
  /// Directories and devices are refused. Errors: not_found, io.
  static Result<FileReader> open(std::filesystem::path const& path);
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&&) = delete;
  ~FileReader();

  /// When it was opened.
  std::uint64_t size() const { return size_; }
  /// The range must be inside of size(). Errors: io, also where the file is shorter by now.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;

 private:
  FileReader(int descriptor, std::uint64_t size, std::filesystem::path path);

  int descriptor_;
  std::uint64_t size_;
  std::filesystem::path path_;
};

}  // namespace tenantry
