// A file without a name, for what need not be in memory.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"

namespace tenantry {

/// Bytes that are written once, and read at random. Only this process can open it (0600, and no
/// longer in the folder once it is made); gone with the object, or the process.
class ScratchFile {
 public:
  /// In the folder for temporary files (TMPDIR, else /tmp). Errors: io.
  static Result<ScratchFile> create();
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();

  std::uint64_t size() const { return size_; }
  /// Errors: io, as of a full disk.
  Result<void> append(std::string_view bytes);
  /// The range must have been appended. Errors: io.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;

 private:
  explicit ScratchFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace tenantry
