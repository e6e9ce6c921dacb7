// Where the state is kept: the promises that every backend gives.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "engine/core/task.hpp"
#include "state/model.hpp"

namespace tenantry::state {

/// Proof that this process alone works on a tenant. Given back when destroyed; a dead process
/// gives it back too, without anybody's help.
class TenantLock {
 public:
  virtual ~TenantLock() = default;
};

struct StoreInfo {
  std::string lineage;  ///< given when the state was born, never changed
  int schema_version = 0;
  std::string salt;      ///< key of the digests of secrets; a salt, not a secret
  std::string location;  ///< for messages
};

/// What was done, one line per operation, newest last.
struct HistoryEntry {
  std::int64_t operation = 0;
  Run run;
  Intent intent;
  std::string status;  ///< "open", "done", "failed", "dropped"
  std::string ended_at;
  std::string error;
};

/// A state. Calls are coroutines on the I/O thread; the work is done elsewhere, and concurrent
/// writes share one durable commit. What has returned success survives kill -9 and power loss.
/// A call that has begun is carried out even if its coroutine is cancelled meanwhile.
class Store {
 public:
  virtual ~Store() = default;
  virtual StoreInfo const& info() const = 0;

  /// Keys of all tenants that have a row or an open operation, sorted.
  virtual Task<std::vector<std::string>> tenants() = 0;
  /// Empty state for a tenant that is not known.
  virtual Task<TenantState> load(std::string tenant) = 0;

  /// Waits up to `timeout` (zero: not at all). Errors: locked, naming the owner.
  virtual Task<std::unique_ptr<TenantLock>> lock(std::string tenant, LockOwner owner,
                                                 std::chrono::milliseconds timeout) = 0;

  virtual Task<void> begin_run(Run run) = 0;
  /// Durable before the call is made. Gives the operation's number.
  virtual Task<std::int64_t> begin(Intent intent) = 0;
  /// Outcome and rows in one transaction; raises the tenant's serial when a row changes.
  virtual Task<void> finish(std::int64_t operation, Outcome outcome) = 0;
  /// Rows without a call: adoption, forgetting, learned forms. `removals` may name rows that are
  /// not there. Raises the serial.
  virtual Task<void> put(std::string tenant, std::vector<ResourceRecord> upserts,
                         std::vector<Address> removals) = 0;
  /// Rows that go by other addresses from now on, and what the history tells of it: all in one
  /// transaction, which may concern two tenants. Raises the serial of each.
  virtual Task<void> move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                          std::vector<Address> removals) = 0;
  /// Notes that everything that `config_digest` stands for is applied. Whatever raises the serial
  /// takes the note back.
  virtual Task<void> mark_applied(std::string tenant, std::string config_digest,
                                  std::string applied_at) = 0;
  /// Writes each part's amount and gives the sum over all parts of the group's counter, of every
  /// run. One atomic step: of two runs that contribute at once, the second sees the first. A group
  /// is forgotten 30 days after its last contribution.
  virtual Task<std::int64_t> contribute(Contribution contribution) = 0;
  /// All parts of the group's counter, with their amounts. Writes nothing.
  virtual Task<std::map<std::string, std::int64_t>> contributions(std::string group,
                                                                  std::string counter) = 0;
  /// The last `entries_max`; of all tenants when `tenant` is empty.
  virtual Task<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max) = 0;
};

enum class OpenMode {
  create_if_missing,  ///< a file that does not exist is a new state
  existing,           ///< a file that does not exist is Errc::not_found
  read_only,          ///< as existing, and nothing is written, not even a lock
};

/// The local backend: one SQLite file, mode 0600. Errors: corrupt for an empty, torn or foreign
/// file, with what to do; it is never taken for a new state. `executor` is that of the I/O thread,
/// whose context must outlive the store, as must `clock`. Writing to a read_only store is
/// Errc::internal.
Result<std::unique_ptr<Store>> open_local_store(boost::asio::any_io_executor executor,
                                                std::filesystem::path path, OpenMode mode,
                                                Clock& clock, Random& random);

}  // namespace tenantry::state
