// Asynchronous actions of data integration projects.
#pragma once
#include <string>
#include <string_view>

#include "emulator/call.hpp"

namespace tenantry::emulator {

/// An action that is about to start.
struct NewAction {
  std::string name;       ///< for people: "Import project Pipelines.Sales"
  std::string_view type;  ///< "PROJECT_IMPORT"; empty: the API has none for it
  std::string project_id;
  /// The tasks that it works on, each {"taskId", "name", "skipped": bool}.
  Array tasks = {};
  /// What it does at its end: {"error": {code, message, details}} fails it, {"import": object}
  /// becomes the project's last import, {"prepare": ids} makes tasks ready to run.
  Object result = {};
};

/// Makes the action known: 202 with its id and Location.
Answer start_action(Call const& call, NewAction action);

/// Ends the actions of a project whose time is up. An action moves on by being asked for, as tests
/// want it, and by time, so that one that nobody asks for comes to an end too.
void settle_actions(Call const& call, std::string_view project_id);

/// True while an action of this type has not ended. Settle first.
bool is_running(Tenant const& tenant, std::string_view project_id, std::string_view type);

/// A reference to tasks, as start_action wants them: "skipped" where they are left alone.
Object task_entry(Object const& task, bool skipped);

}  // namespace tenantry::emulator
