#include "state/local_store.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <cerrno>

#include "state/counters.hpp"
#include "state/journal.hpp"
#include "state/lock_owner.hpp"
#include "state/lock_wait.hpp"
#include "state/state_file.hpp"
#include "state/state_reader.hpp"

namespace tenantry::state {
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace {

struct Opened {
  Connection connection;
  CommitQueue::Reader reader;
  StoreInfo info;
};

Result<Opened> open_to_read(fs::path const& path, LocalOptions const& options) {
  StateReader reader(path, options.busy_max);
  auto const depth = depth_for(path);
  auto db = reader.open();
  if (!db) return db.error();
  StoreInfo info;
  CommitQueue::Work<void> const check = [&](Connection& view) -> Result<void> {
    auto sound = check_state(view, depth);
    if (!sound) return sound;
    auto found = read_info(view);
    if (!found) return found.error();
    info = std::move(*found);
    return {};
  };
  auto checked = reader.read(*db, check);
  if (!checked) return checked.error();
  if (info.schema_version < migrations().back().version) {
    return Error(
        Errc::io,
        fmt::format("the state {} has the older version {}", path.string(), info.schema_version),
        "run `tenantry apply` once, which brings it to the present version");
  }
  CommitQueue::Work<void> const here = [&](Connection& view) {
    return check_here(view, info.lineage);
  };
  checked = reader.read(*db, here);
  if (!checked) return checked.error();
  auto read = [reader](Connection& view, CommitQueue::Work<void> const& work) mutable {
    return reader.read(view, work);
  };
  return Opened{std::move(*db), std::move(read), std::move(info)};
}

Result<void> prepare_to_write(Connection& db, LocalOptions const& options) {
  auto mode = db.query("PRAGMA journal_mode = WAL");
  auto const row = mode.next();
  if (!row) return row.error();
  if (!*row || mode.text(0) != "wal") {
    return Error(Errc::io, fmt::format("the state {} cannot be written safely here", db.location()),
                 "put it on a local disk: its file system lacks what SQLite's WAL needs");
  }
  if (options.pages_max == 0) return {};
  return db.execute(fmt::format("PRAGMA max_page_count = {}", options.pages_max));
}

Result<Opened> open_to_write(fs::path const& path, LocalOptions const& options) {
  auto const depth = depth_for(path);
  auto db = open_state_file(path, Access::write, options.busy_max);
  if (!db) return db.error();
  CommitQueue::Work<void> const check = [&](Connection& view) { return check_state(view, depth); };
  auto done = read_in_transaction(*db, check);
  if (!done) return done.error();
  done = prepare_to_write(*db, options);
  if (!done) return done.error();
  done = migrate(*db, migrations());
  if (!done) return done.error();
  auto info = read_info(*db);
  if (!info) return info.error();
  done = check_here(*db, info->lineage);
  if (!done) return done.error();
  return Opened{std::move(*db), &read_in_transaction, std::move(*info)};
}

/// False for the words of a process that has ended without anybody after it; those of another
/// machine are believed.
bool may_live(LockOwner const& owner, LockOwner const& self) {
  if (owner.host != self.host) return true;
  return ::kill(static_cast<pid_t>(owner.pid), 0) == 0 || errno != ESRCH;
}

}  // namespace

Result<std::unique_ptr<Store>> open_local_store(asio::any_io_executor executor, fs::path path,
                                                OpenMode mode, Clock& clock, Random& random) {
  LocalOptions options;
  options.mode = mode;
  auto store =
      LocalStore::open(std::move(executor), std::move(path), std::move(options), clock, random);
  if (!store) return store.error();
  return std::unique_ptr<Store>(std::move(*store));
}

Result<std::unique_ptr<LocalStore>> LocalStore::open(asio::any_io_executor executor, fs::path path,
                                                     LocalOptions options, Clock& clock,
                                                     Random& random) {
  auto located = locate_state_file(path);
  if (!located && located.error().code == Errc::not_found &&
      options.mode == OpenMode::create_if_missing) {
    auto created = create_state_file(path, clock, random);
    if (!created) return created.error();
    located = locate_state_file(path);
  }
  if (!located) return located.error();
  auto opened = options.mode == OpenMode::read_only ? open_to_read(*located, options)
                                                    : open_to_write(*located, options);
  if (!opened) return opened.error();
  return std::unique_ptr<LocalStore>(
      new LocalStore(std::move(executor), std::move(opened->connection), std::move(opened->reader),
                     std::move(opened->info), options.mode, clock));
}

LocalStore::LocalStore(asio::any_io_executor executor, Connection connection,
                       CommitQueue::Reader reader, StoreInfo info, OpenMode mode, Clock& clock)
    : info_(std::move(info)),
      mode_(mode),
      clock_(clock),
      queue_(std::move(executor), std::move(connection), std::move(reader)) {}

template <class T>
Task<T> LocalStore::write(CommitQueue::Work<T> work) {
  if (mode_ == OpenMode::read_only) co_return read_only_error(info_.location);
  CommitQueue::Work<T> where_it_is = [work = std::move(work),
                                      lineage = info_.lineage](Connection& db) -> Result<T> {
    auto here = check_here(db, lineage);
    if (!here) return here.error();
    return work(db);
  };
  co_return co_await queue_.write<T>(std::move(where_it_is));
}

Task<std::vector<std::string>> LocalStore::tenants() {
  return queue_.read<std::vector<std::string>>(&journal::tenants);
}

Task<TenantState> LocalStore::load(std::string tenant) {
  return queue_.read<TenantState>(
      [tenant = std::move(tenant)](Connection& db) { return journal::load(db, tenant); });
}

Task<std::vector<HistoryEntry>> LocalStore::history(std::string tenant, std::size_t entries_max) {
  return queue_.read<std::vector<HistoryEntry>>(
      [tenant = std::move(tenant), entries_max](Connection& db) {
        return journal::history(db, tenant, entries_max);
      });
}

Task<void> LocalStore::begin_run(Run run) {
  return write<void>(
      [run = std::move(run)](Connection& db) { return journal::begin_run(db, run); });
}

Task<std::int64_t> LocalStore::begin(Intent intent) {
  return write<std::int64_t>(
      [intent = std::move(intent)](Connection& db) { return journal::begin(db, intent); });
}

Task<void> LocalStore::finish(std::int64_t operation, Outcome outcome) {
  return write<void>([operation, outcome = std::move(outcome), now = format_time(clock_.wall())](
                         Connection& db) { return journal::finish(db, operation, outcome, now); });
}

Task<void> LocalStore::put(std::string tenant, std::vector<ResourceRecord> upserts,
                           std::vector<Address> removals) {
  return write<void>([tenant = std::move(tenant), upserts = std::move(upserts),
                      removals = std::move(removals)](Connection& db) {
    return journal::put(db, tenant, upserts, removals);
  });
}

Task<void> LocalStore::move(std::vector<Intent> intents, std::vector<ResourceRecord> upserts,
                            std::vector<Address> removals) {
  return write<void>([intents = std::move(intents), upserts = std::move(upserts),
                      removals = std::move(removals),
                      now = format_time(clock_.wall())](Connection& db) {
    return journal::move(db, intents, upserts, removals, now);
  });
}

Task<void> LocalStore::mark_applied(std::string tenant, std::string config_digest,
                                    std::string applied_at) {
  return write<void>([tenant = std::move(tenant), config_digest = std::move(config_digest),
                      applied_at = std::move(applied_at)](Connection& db) {
    return journal::mark_applied(db, tenant, config_digest, applied_at);
  });
}

Task<std::int64_t> LocalStore::contribute(Contribution contribution) {
  return write<std::int64_t>(
      [contribution = std::move(contribution), now = clock_.wall()](Connection& db) {
        return state::contribute(db, contribution, now);
      });
}

Task<std::map<std::string, std::int64_t>> LocalStore::contributions(std::string group,
                                                                    std::string counter) {
  return queue_.read<std::map<std::string, std::int64_t>>(
      [group = std::move(group), counter = std::move(counter)](Connection& db) {
        return state::contributions(db, group, counter);
      });
}

Task<std::int64_t> LocalStore::slot_of(std::string tenant) {
  CommitQueue::Work<std::optional<std::int64_t>> look = [tenant](Connection& db) {
    return journal::lock_slot(db, tenant);
  };
  auto known = co_await queue_.read<std::optional<std::int64_t>>(std::move(look));
  if (!known) co_return known.error();
  if (*known) co_return **known;
  CommitQueue::Work<std::int64_t> assign = [tenant](Connection& db) {
    return journal::assign_lock_slot(db, tenant);
  };
  co_return co_await write<std::int64_t>(std::move(assign));
}

Result<std::shared_ptr<LockFile>> LocalStore::lock_file() {
  if (!lock_file_) {
    auto opened = LockFile::open(info_.location + ".lock");
    if (!opened) return opened;
    lock_file_ = std::move(*opened);
  }
  return lock_file_;
}

Task<std::unique_ptr<TenantLock>> LocalStore::try_lock(std::int64_t slot, std::string tenant,
                                                       LockOwner owner) {
  auto const file = lock_file();
  if (!file) co_return file.error();
  auto held = (*file)->try_lock(slot);
  if (!held || !*held) co_return std::move(held);
  CommitQueue::Work<void> sign = [tenant, owner](Connection& db) {
    return journal::set_lock_owner(db, tenant, owner);
  };
  auto const is_signed = co_await write<void>(std::move(sign));
  if (!is_signed) co_return is_signed.error();
  co_return std::move(held);
}

Task<std::unique_ptr<TenantLock>> LocalStore::lock(std::string tenant, LockOwner owner,
                                                   std::chrono::milliseconds timeout) {
  if (mode_ == OpenMode::read_only) co_return read_only_error(info_.location);
  auto const slot = co_await slot_of(tenant);
  if (!slot) co_return slot.error();
  auto attempt = [this, number = *slot, tenant, owner] { return try_lock(number, tenant, owner); };
  auto held = co_await wait_for_lock(clock_, tenant, timeout, std::move(attempt));
  if (!held || *held) co_return std::move(held);
  co_return co_await refused(tenant);
}

Task<std::unique_ptr<TenantLock>> LocalStore::refused(std::string tenant) {
  CommitQueue::Work<std::optional<LockOwner>> look = [tenant](Connection& db) {
    return journal::lock_owner(db, tenant);
  };
  auto const owner = co_await queue_.read<std::optional<LockOwner>>(std::move(look));
  if (!owner) co_return owner.error();
  // The row is written just after the lock is taken: until then it has the words of the one before.
  bool const believable = owner->has_value() && may_live(**owner, this_process({}, clock_));
  co_return locked_error(tenant, believable ? &**owner : nullptr);
}

}  // namespace tenantry::state
