// Which fleet a tenant of the state is of, and what it means that it has no row there any more.
#pragma once
#include <string>

#include "engine/config/configuration.hpp"
#include "state/model.hpp"

namespace tenantry::run {

/// The fleet that the row of a tenant remembers; "" for a tenant of its own.
std::string fleet_of(state::ResourceRecord const& row);
/// Remembers it in the row.
void note_fleet(state::ResourceRecord& row, std::string const& fleet);

/// For a tenant that the state has and the configuration has not. Errors: guard, with what to
/// write, where its fleet says that a row does not just vanish, or where the file has no rows at
/// all. A tenant whose countdown runs may lose its row.
Result<void> check_missing_row(config::Configuration const& configuration,
                               state::TenantState const& state);

}  // namespace tenantry::run
