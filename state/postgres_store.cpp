#include "state/postgres_store.hpp"

#include <thread>

#include "state/lock_wait.hpp"
#include "state/postgres_journal.hpp"
#include "state/postgres_schema.hpp"

namespace tenantry::state {
namespace asio = boost::asio;

/// Gives the lock back to the server, also when the store is gone already.
class PostgresStore::Held final : public TenantLock {
 public:
  Held(std::shared_ptr<PostgresQueue> queue, std::string tenant)
      : queue_(std::move(queue)), tenant_(std::move(tenant)) {}
  Held(Held const&) = delete;
  Held& operator=(Held const&) = delete;
  ~Held() override { queue_->unlock(tenant_); }

 private:
  std::shared_ptr<PostgresQueue> queue_;
  std::string tenant_;
};

namespace {

/// The row by which this session's commits are recognised, and the sign that it lives. Rows of
/// processes that were killed stay for a while.
Result<void> begin_session(PostgresConnection& db, std::string const& id) {
  std::vector<Statement> const statements{
      {"DELETE FROM tenantry.sessions WHERE started_at < now() - interval '30 days'", {}},
      {"INSERT INTO tenantry.sessions (id) VALUES ($1) ON CONFLICT DO NOTHING", {id}}};
  auto done = db.run(statements);
  if (!done) return done.error();
  return declare_alive(db, id);
}

struct Opened {
  PostgresConnection connection;
  PostgresHead head;
};

Result<Opened> open_once(PostgresDsn const& dsn, PostgresOptions const& options,
                         std::string const& session, Clock const& clock, Random& random) {
  auto connection = PostgresConnection::open(dsn, options.times);
  if (!connection) return connection.error();
  auto head = prepare_state(*connection, options.mode, clock, random);
  if (!head) return head.error();
  if (auto moved = moved_error(head->tombstone, connection->location())) return *moved;
  if (options.mode != OpenMode::read_only) {
    auto begun = begin_session(*connection, session);
    if (!begun) return begun.error();
  }
  return Opened{std::move(*connection), std::move(*head)};
}

}  // namespace

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(asio::any_io_executor executor,
                                                           PostgresDsn dsn, PostgresOptions options,
                                                           Clock& clock, Random& random) {
  constexpr int kAttemptsMax = 10;
  constexpr std::chrono::milliseconds kPause{200};
  auto id = random.hex(16);
  auto opened = open_once(dsn, options, id, clock, random);
  // A server that is just being restarted; one that is not there is told at once.
  for (int attempt = 1; attempt < kAttemptsMax; ++attempt) {
    if (opened || opened.error().code != Errc::connection) break;
    std::this_thread::sleep_for(kPause);
    opened = open_once(dsn, options, id, clock, random);
  }
  if (!opened) return opened.error();
  auto& [connection, head] = *opened;
  auto queue =
      std::make_shared<PostgresQueue>(std::move(executor), std::move(connection), std::move(dsn),
                                      options, head.info.lineage, std::move(id));
  return std::unique_ptr<PostgresStore>(
      new PostgresStore(std::move(head.info), options.mode, clock, std::move(queue)));
}

Result<std::unique_ptr<Store>> open_postgres_store(asio::any_io_executor executor, PostgresDsn dsn,
                                                   OpenMode mode, Clock& clock, Random& random,
                                                   std::shared_ptr<StopDeadline const> stop) {
  PostgresOptions options;
  options.mode = mode;
  if (stop) options.times.stop = std::move(stop);
  auto store =
      PostgresStore::open(std::move(executor), std::move(dsn), std::move(options), clock, random);
  if (!store) return store.error();
  return std::unique_ptr<Store>(std::move(*store));
}

PostgresStore::PostgresStore(StoreInfo info, OpenMode mode, Clock& clock,
                             std::shared_ptr<PostgresQueue> queue)
    : info_(std::move(info)), mode_(mode), clock_(clock), queue_(std::move(queue)) {}

PostgresStore::~PostgresStore() { queue_->finish(); }

template <class T>
Task<T> PostgresStore::write(PostgresWork<T> work) {
  if (mode_ == OpenMode::read_only) co_return read_only_error(info_.location);
  co_return co_await queue_->write<T>(std::move(work));
}

Task<std::vector<std::string>> PostgresStore::tenants() {
  return queue_->read(postgres_journal::tenants());
}

Task<TenantState> PostgresStore::load(std::string tenant) {
  return queue_->read(postgres_journal::load(std::move(tenant), info_.location));
}

Task<std::vector<HistoryEntry>> PostgresStore::history(std::string tenant,
                                                       std::size_t entries_max) {
  return queue_->read(postgres_journal::history(std::move(tenant), entries_max, info_.location));
}

Task<void> PostgresStore::begin_run(Run run) { return write(postgres_journal::begin_run(run)); }

Task<std::int64_t> PostgresStore::begin(Intent intent) {
  return write(postgres_journal::begin(intent));
}

Task<void> PostgresStore::finish(std::int64_t operation, Outcome outcome) {
  return write(postgres_journal::finish(operation, outcome, format_time(clock_.wall())));
}

Task<void> PostgresStore::put(std::string tenant, std::vector<ResourceRecord> upserts,
                              std::vector<Address> removals) {
  return write(postgres_journal::put(tenant, upserts, removals));
}

Task<void> PostgresStore::move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                               std::vector<Address> removals) {
  return write(postgres_journal::move(intents, upserts, removals, format_time(clock_.wall())));
}

Task<void> PostgresStore::mark_applied(std::string tenant, std::string config_digest,
                                       std::string applied_at) {
  return write(postgres_journal::mark_applied(tenant, config_digest, applied_at));
}

Task<std::int64_t> PostgresStore::contribute(Contribution contribution) {
  return write(postgres_journal::contribute(contribution, clock_.wall()));
}

Task<std::map<std::string, std::int64_t>> PostgresStore::contributions(std::string group,
                                                                       std::string counter) {
  return queue_->read(postgres_journal::contributions(group, counter));
}

Task<std::unique_ptr<TenantLock>> PostgresStore::try_lock(std::string tenant, LockOwner owner) {
  auto const taken = co_await queue_->try_lock(tenant, std::move(owner));
  if (!taken) co_return taken.error();
  if (!*taken) co_return std::unique_ptr<TenantLock>();
  co_return std::unique_ptr<TenantLock>(std::make_unique<Held>(queue_, std::move(tenant)));
}

Task<std::unique_ptr<TenantLock>> PostgresStore::lock(std::string tenant, LockOwner owner,
                                                      std::chrono::milliseconds timeout) {
  if (mode_ == OpenMode::read_only) co_return read_only_error(info_.location);
  auto attempt = [this, tenant, owner] { return try_lock(tenant, owner); };
  auto held = co_await wait_for_lock(clock_, tenant, timeout, std::move(attempt));
  if (!held || *held) co_return std::move(held);
  auto const holder = co_await queue_->read(postgres_journal::lock_owner(tenant));
  if (!holder) co_return holder.error();
  co_return locked_error(tenant, holder->has_value() ? &**holder : nullptr);
}

}  // namespace tenantry::state
