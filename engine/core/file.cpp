#include "engine/core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/core/atomic_file.hpp"
#include "engine/core/file_reader.hpp"

namespace tenantry {
namespace {

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error system_error(std::string_view what, std::filesystem::path const& path) {
  auto const number = errno;
  auto const code = number == ENOENT || number == ENOTDIR ? Errc::not_found : Errc::io;
  return {code, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(number))};
}

}  // namespace

Result<std::string> read_file(std::filesystem::path const& path, std::size_t bytes_max) {
  Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return system_error("open", path);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return system_error("read", path);
  if (!S_ISREG(info.st_mode)) {
    return Error(Errc::io, fmt::format("{} is not a regular file", path.string()));
  }
  Error const large(Errc::too_large,
                    fmt::format("{} is larger than {} bytes", path.string(), bytes_max));
  if (static_cast<std::size_t>(info.st_size) > bytes_max) return large;
  std::string out;
  char buffer[1 << 16];
  while (true) {
    auto const n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("read", path);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > bytes_max) return large;
  }
}

Result<FileReader> FileReader::open(std::filesystem::path const& path) {
  auto const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_error("open", path);
  FileReader reader(descriptor, 0, path);
  struct stat info{};
  if (::fstat(descriptor, &info) != 0) return system_error("read", path);
  if (!S_ISREG(info.st_mode)) {
    return Error(Errc::io, fmt::format("{} is not a regular file", path.string()));
  }
  reader.size_ = static_cast<std::uint64_t>(info.st_size);
  return reader;
}

FileReader::FileReader(int descriptor, std::uint64_t size, std::filesystem::path path)
    : descriptor_(descriptor), size_(size), path_(std::move(path)) {}

FileReader::FileReader(FileReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      path_(std::move(other.path_)) {}

FileReader::~FileReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> FileReader::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    auto const n =
        ::pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("read", path_);
    if (n == 0) {
      return Error(Errc::io, fmt::format("{} became shorter while it was read", path_.string()));
    }
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

namespace {

std::filesystem::path folder_of(std::filesystem::path const& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

Result<void> AtomicFile::check(std::filesystem::path const& path) {
  struct stat info{};
  if (::stat(folder_of(path).c_str(), &info) != 0)
    return system_error("create a file beside", path);
  if (::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return {};
  return Error(Errc::io,
               fmt::format("cannot write {}: it is there, and no regular file", path.string()));
}

Result<AtomicFile> AtomicFile::create(std::filesystem::path const& path, FileMode mode) {
  auto const usable = check(path);
  if (!usable) return usable.error();
  auto const folder = folder_of(path);
  auto temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  auto const descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);  // 0600 from the start
  if (descriptor < 0) return system_error("create a file beside", path);
  return AtomicFile(descriptor, path, std::move(temporary), mode);
}

AtomicFile::AtomicFile(int descriptor, std::filesystem::path path, std::string temporary,
                       FileMode mode)
    : descriptor_(descriptor),
      path_(std::move(path)),
      temporary_(std::move(temporary)),
      mode_(mode) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      mode_(other.mode_) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) return system_error("sync", path_);
  if (mode_ == FileMode::shared && ::fchmod(descriptor_, 0644) != 0) {
    return system_error("set the mode of", path_);
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error("replace", path_);
  temporary_.clear();
  Descriptor const directory(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0)
    return system_error("sync the folder of", path_);
  return {};
}

Result<void> write_file_atomically(std::filesystem::path const& path, std::string_view bytes,
                                   FileMode mode) {
  auto file = AtomicFile::create(path, mode);
  if (!file) return file.error();
  auto const written = file->write(bytes);
  if (!written) return written;
  return file->commit();
}

bool is_inside(std::filesystem::path const& path, std::filesystem::path const& folder) {
  std::error_code ec;
  auto const real = std::filesystem::weakly_canonical(path, ec);
  if (ec) return false;
  auto const root = std::filesystem::weakly_canonical(folder, ec);
  if (ec) return false;
  auto const relative = real.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace tenantry
