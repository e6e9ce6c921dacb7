#include "state/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tenantry::state {
namespace {

/// 0 or an errno.
int set_byte(int fd, std::int64_t slot, short type) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = slot;
  range.l_len = 1;
  while (::fcntl(fd, F_OFD_SETLK, &range) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

Error lock_error(std::string_view what, std::filesystem::path const& path, int number) {
  return {Errc::io, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(number)),
          "locks are kept in this file: its folder must be writable and its file system must "
          "support locks"};
}

}  // namespace

class LockFile::Held final : public TenantLock {
 public:
  Held(std::shared_ptr<LockFile> file, std::int64_t slot) : file_(std::move(file)), slot_(slot) {}
  Held(Held const&) = delete;
  Held& operator=(Held const&) = delete;
  ~Held() override { file_->unlock(slot_); }

 private:
  std::shared_ptr<LockFile> file_;
  std::int64_t slot_;
};

Result<std::shared_ptr<LockFile>> LockFile::open(std::filesystem::path const& path) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  int fd = ::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600);
  if (fd >= 0) {
    (void)::fchmod(fd, 0600);  // whatever the umask is
  } else if (errno == EEXIST) {
    fd = ::open(path.c_str(), kFlags);
  }
  if (fd < 0) return lock_error("open", path, errno);
  return std::shared_ptr<LockFile>(new LockFile(path, fd));
}

LockFile::~LockFile() { ::close(fd_); }

Result<std::unique_ptr<TenantLock>> LockFile::try_lock(std::int64_t slot) {
  if (held_.contains(slot)) return std::unique_ptr<TenantLock>();
  auto const failure = set_byte(fd_, slot, F_WRLCK);
  if (failure == EAGAIN || failure == EACCES) return std::unique_ptr<TenantLock>();
  if (failure != 0) return lock_error("lock", path_, failure);
  if (!is_in_place()) {
    (void)set_byte(fd_, slot, F_UNLCK);
    return Error(Errc::io, fmt::format("{} was removed or replaced while in use", path_.string()),
                 "leave this file alone; run the command again when no other one is running");
  }
  held_.insert(slot);
  return std::unique_ptr<TenantLock>(std::make_unique<Held>(shared_from_this(), slot));
}

bool LockFile::is_in_place() const {
  struct stat mine{};
  struct stat named{};
  return ::fstat(fd_, &mine) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

void LockFile::unlock(std::int64_t slot) {
  (void)set_byte(fd_, slot, F_UNLCK);
  held_.erase(slot);
}

}  // namespace tenantry::state
