// What the placeholders in a sink may stand for.
#pragma once
#include "engine/config/evaluator.hpp"

namespace tenantry::config {

/// Reports where a value of the configuration would lead a secret to another place than the author
/// of a sink in the connections file can have meant: to another folder, to another host, or as an
/// option of the program. Names and keys are chosen by whoever may change the configuration, a sink
/// is not.
void check_sink_of_connections(Node const& sink, Evaluator& evaluator, Reporter& reporter);

/// The same of a sink in the configuration, where only cells of a fleet's file are not to be
/// trusted: they are data, often of another system.
void check_sink_of_cells(Node const& sink, Evaluator& evaluator, Reporter& reporter);

}  // namespace tenantry::config
