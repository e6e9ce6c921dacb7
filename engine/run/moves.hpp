// Rows of the state that go by other addresses, or are let go, because the configuration or a
// person says so.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/configuration.hpp"
#include "engine/core/task.hpp"
#include "plans/plan.hpp"
#include "state/store.hpp"

namespace tenantry::run {

/// Keys under which the state may still have the tenant `key`, as `moved` and the former keys of
/// fleets say.
std::vector<std::string> former_keys(config::Configuration const& configuration,
                                     std::string const& key);

/// True for a tenant that `moved` or a fleet gives another key.
bool is_moved_away(config::Configuration const& configuration, std::string const& key);

/// Why a change forgets what `removed` means.
inline constexpr std::string_view kDeclaredRemoved =
    "declared as removed: stays live, is no longer managed";
/// True where `removed` means `address`: it is forgotten, and stays live.
bool is_removed(config::Configuration const& configuration, Address const& address);

/// What `moved` says of the rows of `state`, which must be that of the tenant's present key where
/// that has rows, and of its former one otherwise. Moves come in the order in which they are made.
/// Errors: conflict where an address has a row under both names.
Result<std::vector<plans::Move>> find_moves(config::Configuration const& configuration,
                                            std::string const& key,
                                            state::TenantState const& state);

/// `state` as it is after `moves`: rows and what they depend on.
state::TenantState moved(state::TenantState state, std::vector<plans::Move> const& moves);

/// Tells of each move at the change of what is moved.
void note_moves(std::vector<plans::Move> const& moves, std::vector<plans::Change>& changes);

/// Writes the rows of `before` under their new addresses, with a line in the history for each move.
/// The tenants' locks must be held. `run` has begun. `context` is what the intents tell besides.
Task<void> store_moves(state::Store& store, state::TenantState before,
                       std::vector<plans::Move> moves, std::string run_id, std::string now,
                       Object context = {});

}  // namespace tenantry::run
