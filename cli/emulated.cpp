#include "cli/emulated.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "cli/state_path.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLockPoll{50};

Error cannot(std::string_view what, fs::path const& path, int reason) {
  return Error(Errc::io,
               fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(reason)));
}

std::string owner_in(int descriptor) {
  std::array<char, 512> text{};
  auto const length = ::pread(descriptor, text.data(), text.size(), 0);
  if (length <= 0) return "another process";
  return visible(std::string_view(text.data(), static_cast<std::size_t>(length)));
}

}  // namespace

Result<fs::path> make_private_folder(fs::path const& folder) {
  auto const path = folder / kPrivateFolder;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", path, errno);
  auto const ignore = path / ".gitignore";
  std::error_code failure;
  if (!fs::exists(ignore, failure)) {
    auto const written = write_file_atomically(ignore, "*\n", FileMode::shared);
    if (!written) return written.error();
  }
  return path;
}

Result<int> lock_file(fs::path const& path, std::string const& owner,
                      std::chrono::milliseconds timeout, Clock const& clock) {
  int const descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return cannot("open", path, errno);
  auto const deadline = clock.steady() + timeout;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    int const reason = errno;
    if (reason == EINTR) continue;
    if (reason != EWOULDBLOCK || clock.steady() >= deadline) {
      auto const holder = owner_in(descriptor);
      ::close(descriptor);
      if (reason != EWOULDBLOCK) return cannot("lock", path, reason);
      return Error(Errc::locked, fmt::format("{} is in use by {}", path.string(), holder),
                   "wait until it has ended, or use --lock-timeout");
    }
    std::this_thread::sleep_for(kLockPoll);
  }
  // What the file says is for people only; the lock itself does not depend on it.
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, owner.data(), owner.size(), 0) < 0) {
    int const reason = errno;
    ::close(descriptor);
    return cannot("write", path, reason);
  }
  return descriptor;
}

Result<std::unique_ptr<EmulatedCloud>> EmulatedCloud::open(Invocation& invocation,
                                                           fs::path const& folder,
                                                           std::chrono::milliseconds timeout) {
  auto const private_folder = make_private_folder(folder);
  if (!private_folder) return private_folder.error();
  auto const owner =
      describe(state::this_process("tenantry " + invocation.command, invocation.clock));
  auto const lock = lock_file(*private_folder / "emulator.lock", owner, timeout, invocation.clock);
  if (!lock) return lock.error();
  std::unique_ptr<EmulatedCloud> cloud(new EmulatedCloud(*lock));
  emulator::Options options;
  options.data_file = *private_folder / "emulator.db";
  auto started = emulator::Emulator::start(std::move(options));
  if (!started) return started.error();
  cloud->emulator_ = std::move(*started);
  return cloud;
}

EmulatedCloud::~EmulatedCloud() {
  emulator_.reset();
  ::close(lock_);
}

PlatformAccess EmulatedCloud::access(std::set<std::string> const& regions) const {
  Credential credential;
  credential.client_id = Secret(std::string(emulator::kClientId));
  credential.client_secret = Secret(std::string(emulator::kClientSecret));
  PlatformAccess access;
  for (auto const& name : regions) {
    RegionAccess region;
    region.region = name;
    region.credential = credential;
    region.endpoint = emulator_->url();
    access.regions.emplace(name, std::move(region));
  }
  access.organization.emplace();
  access.organization->credential = credential;
  access.organization->endpoint = emulator_->url();
  return access;
}

Secret EmulatedCloud::license_key() const { return Secret(std::string(emulator::kLicenseKey)); }

}  // namespace tenantry::cli
