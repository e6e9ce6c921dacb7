// The state in one SQLite file.
#pragma once
#include "state/commit_queue.hpp"
#include "state/lock_file.hpp"
#include "state/store.hpp"

namespace tenantry::state {

struct LocalOptions {
  OpenMode mode = OpenMode::existing;
  /// Longest wait for another process that writes; its commits take milliseconds.
  std::chrono::milliseconds busy_max{30'000};
  std::int64_t pages_max = 0;  ///< size limit of the file in pages; 0: none
};

/// Store over a file. Several processes may have it open and write: SQLite lets one at a time
/// commit. Files beside it: `-wal` and `-shm` of SQLite while it is open, `.lock` for the tenants.
class LocalStore final : public Store {
 public:
  /// As open_local_store.
  static Result<std::unique_ptr<LocalStore>> open(boost::asio::any_io_executor executor,
                                                  std::filesystem::path path, LocalOptions options,
                                                  Clock& clock, Random& random);

  StoreInfo const& info() const override { return info_; }
  Task<std::vector<std::string>> tenants() override;
  Task<TenantState> load(std::string tenant) override;
  Task<std::unique_ptr<TenantLock>> lock(std::string tenant, LockOwner owner,
                                         std::chrono::milliseconds timeout) override;
  Task<void> begin_run(Run run) override;
  Task<std::int64_t> begin(Intent intent) override;
  Task<void> finish(std::int64_t operation, Outcome outcome) override;
  Task<void> move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                  std::vector<Address> removals) override;
  Task<void> put(std::string tenant, std::vector<ResourceRecord> upserts,
                 std::vector<Address> removals) override;
  Task<void> mark_applied(std::string tenant, std::string config_digest,
                          std::string applied_at) override;
  Task<std::int64_t> contribute(Contribution contribution) override;
  Task<std::map<std::string, std::int64_t>> contributions(std::string group,
                                                          std::string counter) override;
  Task<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max) override;

  /// Durable commits of this object so far.
  std::uint64_t commits() const { return queue_.commits(); }

 private:
  LocalStore(boost::asio::any_io_executor executor, Connection connection,
             CommitQueue::Reader reader, StoreInfo info, OpenMode mode, Clock& clock);

  template <class T>
  Task<T> write(CommitQueue::Work<T> work);
  Task<std::int64_t> slot_of(std::string tenant);
  Result<std::shared_ptr<LockFile>> lock_file();
  Task<std::unique_ptr<TenantLock>> try_lock(std::int64_t slot, std::string tenant,
                                             LockOwner owner);
  Task<std::unique_ptr<TenantLock>> refused(std::string tenant);

  StoreInfo info_;
  OpenMode mode_;
  Clock& clock_;
  std::shared_ptr<LockFile> lock_file_;  ///< opened by the first lock
  CommitQueue queue_;
};

}  // namespace tenantry::state
