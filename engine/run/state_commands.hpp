// Looking at and repairing the state without the platform.
#pragma once
#include "engine/core/task.hpp"
#include "plans/plan.hpp"
#include "state/store.hpp"

namespace tenantry::run {

/// Removes rows that `patterns` select, and nothing live. Each tenant is locked first. Gives the
/// removed addresses; the history tells of each. Errors: not_found when nothing is selected.
Task<std::vector<Address>> forget(state::Store& store, std::vector<std::string> patterns,
                                  state::Run run, state::LockOwner owner,
                                  std::chrono::milliseconds lock_timeout);

/// Gives the row of `from`, a resource or a tenant with all that is in it, the address `to`. What
/// depends on it follows. Errors: not_found; invalid for addresses that do not fit each other;
/// conflict where `to` is in the state or an operation is open.
Task<void> move(state::Store& store, plans::Move move, state::Run run, state::LockOwner owner,
                std::chrono::milliseconds lock_timeout);

/// The answer of a person to an open creation: the id of the tenant that it made, or that it made
/// none, or none that is to be ours (`created` empty; the only answer for a resource). The history
/// tells who gave it.
Task<void> resolve(state::Store& store, Address address, RemoteId created, std::string hostname,
                   state::Run run, state::LockOwner owner, Clock& clock);

}  // namespace tenantry::run
