// The program without its journal, to see what durability costs. For the benchmark alone.
#pragma once
#include <memory>

#include "engine/run/secret_sink.hpp"
#include "providers/http/transport.hpp"
#include "state/store.hpp"

namespace tenantry::seams {

/// Keeps intents and outcomes nowhere: begin() and finish() return at once.
std::unique_ptr<state::Store> watched(std::unique_ptr<state::Store> store);
inline http::Transport& watched(http::Transport& transport) { return transport; }
inline run::SecretSinks& watched(run::SecretSinks& sinks) { return sinks; }

}  // namespace tenantry::seams
