#include "engine/core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

Result<void> write_all(int fd, std::string_view bytes, std::filesystem::path const& path) {
  while (!bytes.empty()) {
    auto const n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return system_error("sync", path);
  return {};
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

Result<void> write_file_atomically(std::filesystem::path const& path, std::string_view bytes,
                                   FileMode mode) {
  auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  auto temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  Descriptor const file(::mkostemp(temporary.data(), O_CLOEXEC));  // 0600 from the start
  if (!file.ok()) return system_error("create a file beside", path);
  auto const give_up = [&](Error error) {
    ::unlink(temporary.c_str());
    return error;
  };
  auto written = write_all(file.get(), bytes, path);
  if (!written) return give_up(written.error());
  if (mode == FileMode::shared && ::fchmod(file.get(), 0644) != 0) {
    return give_up(system_error("set the mode of", path));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(system_error("replace", path));
  Descriptor const directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0)
    return system_error("sync the folder of", path);
  return {};
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
