// What is said to the tables in PostgreSQL: journal.hpp in the words of the other database.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/model.hpp"
#include "state/postgres_queue.hpp"
#include "state/store.hpp"

namespace tenantry::state::postgres_journal {

PostgresWork<std::vector<std::string>> tenants();
PostgresWork<TenantState> load(std::string tenant, std::string location);
PostgresWork<std::vector<HistoryEntry>> history(std::string tenant, std::size_t entries_max,
                                                std::string location);

PostgresWork<void> begin_run(Run const& run);
PostgresWork<std::int64_t> begin(Intent const& intent);
/// Also where the tenant's lock is lost: what is known of a call is kept.
PostgresWork<void> finish(std::int64_t operation, Outcome const& outcome,
                          std::string const& ended_at);
PostgresWork<void> put(std::string const& tenant, std::vector<ResourceRecord> const& upserts,
                       std::vector<Address> const& removals);
PostgresWork<void> move(std::vector<Intent> const& intents,
                        std::vector<ResourceRecord> const& upserts,
                        std::vector<Address> const& removals, std::string const& ended_at);
PostgresWork<void> mark_applied(std::string const& tenant, std::string const& config_digest,
                                std::string const& applied_at);
/// As contribute() of counters.hpp. Of two runs that contribute at once, one waits for the other.
PostgresWork<std::int64_t> contribute(Contribution const& contribution, WallTime now);
PostgresWork<std::map<std::string, std::int64_t>> contributions(std::string const& group,
                                                                std::string const& counter);

/// Who has the lock of a tenant now; none when nobody has it any more.
PostgresWork<std::optional<LockOwner>> lock_owner(std::string const& tenant);

}  // namespace tenantry::state::postgres_journal
