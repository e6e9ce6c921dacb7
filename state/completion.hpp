// From a thread of its own back into the coroutine that waits for it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>

#include "engine/core/task.hpp"

namespace tenantry::state {

/// Hands a result to the waiting coroutine, from any thread; called once.
using Completion = std::function<void(Result<void>)>;

/// Calls `start` at once and ends with what its Completion is given, on the executor of the waiting
/// coroutine (else `executor`), whose context is kept running meanwhile.
Task<void> until_completed(boost::asio::any_io_executor executor,
                           std::function<void(Completion)> start);

}  // namespace tenantry::state
