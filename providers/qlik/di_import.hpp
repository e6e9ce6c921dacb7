// The import of a package into a DI project, with what is stopped before and started after it.
#pragma once
#include <string>
#include <vector>

#include "providers/api/resource_type.hpp"

namespace tenantry::qlik {

/// What `afterImport` of a project asks for. Tasks go by their names.
struct AroundImport {
  std::vector<std::string> stop;   ///< before the import, where they run
  bool prepare = false;            ///< the whole project, after the import
  std::vector<std::string> start;  ///< at the end
};

/// Stops tasks, imports `package` (a form part), prepares, starts tasks, and waits for each of
/// these to end. All of it may be done again after a failure. `project` is the path of the project,
/// `label` its name. Errors: those of the calls; rejected with the words of the report where an
/// action failed or did not end in 30 minutes; not_found for a task that the project does not
/// have; cancelled at a stop, while the action goes on in Qlik Cloud.
Task<void> import_package(Operation operation, std::string project, std::string label,
                          FormPart package, AroundImport around);

}  // namespace tenantry::qlik
