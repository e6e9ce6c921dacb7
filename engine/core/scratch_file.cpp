#include "engine/core/scratch_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tenantry {
namespace {

Error failed(std::string_view what) {
  return {Errc::io, fmt::format("cannot {} a temporary file: {}", what, std::strerror(errno)),
          "set TMPDIR to a folder with free space"};
}

}  // namespace

Result<ScratchFile> ScratchFile::create() {
  std::error_code failure;
  auto const folder = std::filesystem::temp_directory_path(failure);
  if (failure) return Error(Errc::io, "there is no folder for temporary files", "set TMPDIR");
  auto name = (folder / "tenantry-XXXXXX").string();
  auto const descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return failed("make");
  ::unlink(name.c_str());
  return ScratchFile(descriptor);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

ScratchFile::~ScratchFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> ScratchFile::append(std::string_view bytes) {
  auto end = size_;
  while (!bytes.empty()) {
    auto const written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(end));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write");
    end += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  size_ = end;
  return {};
}

Result<std::string> ScratchFile::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    auto const got =
        ::pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failed("read");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace tenantry
