// Steps at which a test ends the process as kill -9 does. Not in the program that is released.
#pragma once
#include <memory>

#include "engine/run/secret_sink.hpp"
#include "providers/http/transport.hpp"
#include "state/store.hpp"

namespace tenantry::seams {

/// What is handed in, with a step before and after everything that changes something. Steps are
/// numbered from 1 in the order in which they are reached. TENANTRY_CRASH_LOG=FILE appends number
/// and name of each; TENANTRY_CRASH_AT=N ends the process at step N. What is returned lives until
/// the process ends, and refers to what was handed in.
std::unique_ptr<state::Store> watched(std::unique_ptr<state::Store> store);
/// Steps of changing calls alone: before the request is sent, and when its answer has arrived and
/// nobody has seen it.
http::Transport& watched(http::Transport& transport);
run::SecretSinks& watched(run::SecretSinks& sinks);

}  // namespace tenantry::seams
