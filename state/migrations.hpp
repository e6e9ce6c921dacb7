// The steps from one form of the state's tables to the next: the files in state/migrations.
#pragma once
#include <span>
#include <string_view>

namespace tenantry::state {

struct Migration {
  int version = 0;  ///< schema version that it leads to
  std::string_view sql;
};

/// All of this program, in order: version 1 first, none left out. Of the local backend:
std::span<Migration const> migrations();
/// Of PostgreSQL: state/migrations/postgres.
std::span<Migration const> postgres_migrations();

}  // namespace tenantry::state
