// Changes of a tenant's rows in PostgreSQL, one statement for all of them.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "state/model.hpp"
#include "state/postgres_connection.hpp"

namespace tenantry::state::postgres_journal {

/// Rows as they are from now on, and those that are gone. The records must outlive it.
struct Changes {
  std::map<Address, ResourceRecord const*> upserts;
  std::set<Address> removals;
};
Changes changes_of(std::vector<ResourceRecord> const& upserts,
                   std::vector<Address> const& removals);

/// Whether the serial grows with it.
enum class Raise { when_different, always, never };

/// Appends what changes the rows of one tenant. Errors: internal for a row of another one; invalid
/// for what could not be read again.
Result<void> change_rows(std::string const& tenant, Changes const& changes, Raise raise,
                         std::vector<Statement>& out);

Error wrong_tenant(Address const& address, std::string const& tenant);

}  // namespace tenantry::state::postgres_journal
