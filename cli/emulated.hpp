// --emulated: Qlik Cloud inside this process.
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "cli/invocation.hpp"
#include "emulator/emulator.hpp"
#include "providers/api/provider.hpp"

namespace tenantry::cli {

/// The one emulator of a configuration folder: its data is .tenantry/emulator.db, and a lock on
/// .tenantry/emulator.lock keeps a second process from serving the same data.
class EmulatedCloud {
 public:
  /// Waits for another process that uses the folder, `timeout` at most. Errors: locked, naming that
  /// process; those of Emulator::start.
  static Result<std::unique_ptr<EmulatedCloud>> open(Invocation& invocation,
                                                     std::filesystem::path const& folder,
                                                     std::chrono::milliseconds timeout);
  ~EmulatedCloud();

  /// Every region of `regions`, and the organization, served here with the built-in credential.
  PlatformAccess access(std::set<std::string> const& regions) const;
  Secret license_key() const;

  EmulatedCloud(EmulatedCloud const&) = delete;
  EmulatedCloud& operator=(EmulatedCloud const&) = delete;

 private:
  explicit EmulatedCloud(int lock) : lock_(lock) {}
  int lock_;  ///< descriptor of the lock file
  std::unique_ptr<emulator::Emulator> emulator_;
};

/// Makes .tenantry in `folder`, for this user alone and ignored by git.
Result<std::filesystem::path> make_private_folder(std::filesystem::path const& folder);

/// Locks `path` for this process, `timeout` at most; the file then names `owner`. Gives a
/// descriptor whose end gives the lock back. Errors: locked, naming the other owner; io.
Result<int> lock_file(std::filesystem::path const& path, std::string const& owner,
                      std::chrono::milliseconds timeout, Clock const& clock);

}  // namespace tenantry::cli
