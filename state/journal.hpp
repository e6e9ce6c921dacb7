// What is said to the tables: each function is one step inside a transaction of its caller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/model.hpp"
#include "state/sqlite.hpp"
#include "state/store.hpp"

/// Errors of all: those of SQLite; corrupt for a row that cannot be read; invalid for text that
/// could not be read again (not UTF-8).
namespace tenantry::state::journal {

Result<std::vector<std::string>> tenants(Connection& db);
Result<TenantState> load(Connection& db, std::string const& tenant);
Result<std::vector<HistoryEntry>> history(Connection& db, std::string const& tenant,
                                          std::size_t entries_max);

Result<void> begin_run(Connection& db, Run const& run);
Result<std::int64_t> begin(Connection& db, Intent const& intent);
Result<void> finish(Connection& db, std::int64_t operation, Outcome const& outcome,
                    std::string const& ended_at);
Result<void> put(Connection& db, std::string const& tenant,
                 std::vector<ResourceRecord> const& upserts, std::vector<Address> const& removals);
Result<void> move(Connection& db, std::vector<Intent> const& intents,
                  std::vector<ResourceRecord> const& upserts, std::vector<Address> const& removals,
                  std::string const& ended_at);
Result<void> mark_applied(Connection& db, std::string const& tenant,
                          std::string const& config_digest, std::string const& applied_at);

/// The byte of the lock file that stands for a tenant; none before the first lock.
Result<std::optional<std::int64_t>> lock_slot(Connection& db, std::string const& tenant);
/// As lock_slot, and gives the tenant the next free one where it has none.
Result<std::int64_t> assign_lock_slot(Connection& db, std::string const& tenant);
/// Who had the lock last; none before the first.
Result<std::optional<LockOwner>> lock_owner(Connection& db, std::string const& tenant);
Result<void> set_lock_owner(Connection& db, std::string const& tenant, LockOwner const& owner);

}  // namespace tenantry::state::journal
