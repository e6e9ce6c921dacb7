// The state in a PostgreSQL database.
#pragma once
#include "state/postgres_queue.hpp"
#include "state/store.hpp"

namespace tenantry::state {

/// Store over the schema "tenantry" of a database. Any number of processes, on any machines, may
/// have it open and write.
class PostgresStore final : public Store {
 public:
  /// As open_postgres_store.
  static Result<std::unique_ptr<PostgresStore>> open(boost::asio::any_io_executor executor,
                                                     PostgresDsn dsn, PostgresOptions options,
                                                     Clock& clock, Random& random);
  ~PostgresStore() override;

  StoreInfo const& info() const override { return info_; }
  Task<std::vector<std::string>> tenants() override;
  Task<TenantState> load(std::string tenant) override;
  Task<std::unique_ptr<TenantLock>> lock(std::string tenant, LockOwner owner,
                                         std::chrono::milliseconds timeout) override;
  Task<void> begin_run(Run run) override;
  Task<std::int64_t> begin(Intent intent) override;
  Task<void> finish(std::int64_t operation, Outcome outcome) override;
  Task<void> put(std::string tenant, std::vector<ResourceRecord> upserts,
                 std::vector<Address> removals) override;
  Task<void> move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                  std::vector<Address> removals) override;
  Task<void> mark_applied(std::string tenant, std::string config_digest,
                          std::string applied_at) override;
  Task<std::int64_t> contribute(Contribution contribution) override;
  Task<std::map<std::string, std::int64_t>> contributions(std::string group,
                                                          std::string counter) override;
  Task<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max) override;

  /// Durable commits of this object so far.
  std::uint64_t commits() const { return queue_->commits(); }

 private:
  class Held;
  PostgresStore(StoreInfo info, OpenMode mode, Clock& clock, std::shared_ptr<PostgresQueue> queue);
  template <class T>
  Task<T> write(PostgresWork<T> work);
  Task<std::unique_ptr<TenantLock>> try_lock(std::string tenant, LockOwner owner);

  StoreInfo info_;
  OpenMode mode_;
  Clock& clock_;
  std::shared_ptr<PostgresQueue> queue_;  ///< locks that are held keep it
};

/// The PostgreSQL backend. Errors: unauthorized, tls, forbidden, not_found, corrupt, stale (moved
/// away), io; each with what to do and none with the password. `executor`, `clock`: as for
/// open_local_store. No call waits past `stop`; null: there is no such time.
Result<std::unique_ptr<Store>> open_postgres_store(
    boost::asio::any_io_executor executor, PostgresDsn dsn, OpenMode mode, Clock& clock,
    Random& random, std::shared_ptr<StopDeadline const> stop = nullptr);

}  // namespace tenantry::state
