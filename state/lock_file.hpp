// Locks on tenants that end with their holder.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>

#include "engine/core/error.hpp"
#include "state/store.hpp"

namespace tenantry::state {

/// The file `<state>.lock`, in which each tenant has a byte. The kernel keeps the locks (of open
/// file descriptions, so that two stores in one process exclude each other too) and drops them
/// when the process ends, however it ends. The file is empty and stays: who deletes it while a lock
/// is held, takes that lock's protection away. Used by one thread.
class LockFile : public std::enable_shared_from_this<LockFile> {
 public:
  /// Makes the file (0600) where it is missing. Errors: io.
  static Result<std::shared_ptr<LockFile>> open(std::filesystem::path const& path);
  LockFile(LockFile const&) = delete;
  LockFile& operator=(LockFile const&) = delete;
  ~LockFile();

  /// The lock, or null when somebody else holds it. It keeps the file open. Errors: io.
  Result<std::unique_ptr<TenantLock>> try_lock(std::int64_t slot);

 private:
  class Held;
  LockFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  void unlock(std::int64_t slot);
  /// False when others would find another file, and so not these locks.
  bool is_in_place() const;

  std::filesystem::path path_;
  int fd_;
  std::set<std::int64_t> held_;  ///< by this object: the kernel would grant these once more
};

}  // namespace tenantry::state
