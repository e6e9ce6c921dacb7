// Waiting for a lock that nobody tells of when it comes free.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/task.hpp"
#include "state/store.hpp"

namespace tenantry::state {

/// Calls `attempt`, which gives null while somebody else has the lock, less and less often until it
/// has it, or `timeout` is over: then null. Errors: those of `attempt`; cancelled.
Task<std::unique_ptr<TenantLock>> wait_for_lock(
    Clock& clock, std::string tenant, std::chrono::milliseconds timeout,
    std::function<Task<std::unique_ptr<TenantLock>>()> attempt);

/// Who wanted a lock and why it was refused; `owner` is null where the holder is not known.
Error locked_error(std::string const& tenant, LockOwner const* owner);

/// A call that writes, of a state that is open for reading only.
Error read_only_error(std::string const& location);

}  // namespace tenantry::state
