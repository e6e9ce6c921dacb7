// Archives of data integration projects: what an export gives and an import takes.
//
// The emulator has a layout of its own, as Qlik does not document the one of Qlik Cloud. A zip
// holds one file at its top, project.yaml (export modes MINIMAL and ALL) or project.json (LEGACY):
//
//   name: Sales pipeline               # of the project that was exported
//   type: DATA_PIPELINE                # optional, as are the next two
//   description: ""
//   platformType: SNOWFLAKE
//   tasks:
//     - id: landing-x7d2               # kept by an import: names of variables contain it
//       name: Landing
//       type: LANDING                  # one of the API's task types
//       description: ""                # optional
//   variables:                         # what a binding of the target project can set
//     targetSchema: null               # null: an import fails without a binding
//     task.landing-x7d2.sourceConnection: "{{id(connection, Sales.Source)}}"      # a default
//
// Other members, of the project and of its tasks, are kept, so that content which the emulator
// does not know survives import and export. Other files of the zip are ignored.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/value.hpp"

namespace tenantry::emulator {

enum class ArchiveForm { yaml, json };

struct Archive {
  ArchiveForm form = ArchiveForm::yaml;
  Object project;  ///< the file; `tasks` and `variables` are there, be they empty
};

/// Something that is wrong with an archive, or odd.
struct Finding {
  enum class Level { warning, error };
  Level level = Level::error;
  std::string path;  ///< "project.yaml/tasks/0/type"; "" for the zip itself
  std::string reason;
};

struct ArchiveReading {
  std::optional<Archive> archive;  ///< none where a finding is an error
  std::vector<Finding> findings;
};

ArchiveReading read_archive(std::string_view bytes);

/// Errors: those of write_zip().
Result<std::string> write_archive(Archive const& archive);

/// The task types of the API, "LANDING" and so on.
std::vector<std::string_view> const& task_types();
/// The project types and the platform types of the API.
std::vector<std::string_view> const& project_types();
std::vector<std::string_view> const& platform_types();

}  // namespace tenantry::emulator
