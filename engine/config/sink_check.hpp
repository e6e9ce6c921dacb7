// What the placeholders in a sink of the connections file may stand for.
#pragma once
#include "engine/config/evaluator.hpp"

namespace tenantry::config {

/// Reports where a value of the configuration would lead a secret to another place than the sink's
/// author can have meant: to another folder, to another host, or as an option of the program. Names
/// and keys are chosen by whoever may change the configuration, a sink is not.
void check_sink(Node const& sink, Evaluator& evaluator, Reporter& reporter);

}  // namespace tenantry::config
