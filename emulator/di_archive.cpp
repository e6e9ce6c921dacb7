#include "emulator/di_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "emulator/body.hpp"
#include "emulator/yaml.hpp"
#include "emulator/zip.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kYamlFile = "project.yaml", kJsonFile = "project.json";

Property const kProject[] = {{.name = "name", .use = Use::required, .length_min = 1},
                             {.name = "type", .values = project_types()},
                             {.name = "description"},
                             {.name = "platformType", .values = platform_types()},
                             {.name = "tasks", .type = Type::objects},
                             {.name = "variables", .type = Type::object}};
Property const kTask[] = {{.name = "id", .use = Use::required, .length_min = 1},
                          {.name = "name", .use = Use::required, .length_min = 1},
                          {.name = "type", .use = Use::required, .values = task_types()},
                          {.name = "description"}};

/// Checks a project file and collects what it finds.
class Inspection {
 public:
  Inspection(std::string file, std::vector<Finding>& findings)
      : file_(std::move(file)), findings_(findings) {}

  void inspect(Value const& document) {
    auto const* const project = document.if_object();
    if (project == nullptr) return error("", "must be a map");
    check(*project, kProject, "");
    if (auto const* const tasks = find(*project, "tasks"); tasks != nullptr && tasks->is_array()) {
      inspect_tasks(tasks->get_array());
    }
    auto const* const variables = find(*project, "variables");
    if (variables == nullptr || !variables->is_object()) return;
    for (auto const& variable : variables->get_object()) {
      if (variable.value().is_string() || variable.value().is_null()) continue;
      error(fmt::format("/variables/{}", visible(variable.key())), "must be a text or null");
    }
  }

 private:
  void inspect_tasks(Array const& tasks) {
    std::set<std::string> ids;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      auto const* const task = tasks[i].if_object();
      if (task == nullptr) continue;
      auto const at = fmt::format("/tasks/{}", i);
      check(*task, kTask, at);
      if (!ids.insert(text_at(*task, "id")).second) error(at + "/id", "is that of another task");
    }
  }

  void check(Object const& object, std::span<Property const> properties, std::string const& at) {
    for (auto const& property : properties) {
      auto const* const member = find(object, property.name);
      auto const path = fmt::format("{}/{}", at, property.name);
      if (member == nullptr) {
        if (property.use == Use::required) error(path, "is required");
      } else if (auto const refusal = check_value(*member, property, path)) {
        error(refusal->pointer, refusal->detail);
      }
    }
    for (auto const& member : object) {
      std::string_view const name = member.key();
      if (std::ranges::find(properties, name, &Property::name) != properties.end()) continue;
      findings_.push_back({Finding::Level::warning,
                           fmt::format("{}{}/{}", file_, at, visible(name)),
                           "is not known; it is kept"});
    }
  }

  void error(std::string const& pointer, std::string reason) {
    findings_.push_back({Finding::Level::error, file_ + pointer, std::move(reason)});
  }

  std::string file_;
  std::vector<Finding>& findings_;
};

/// Finds the project file among the files of a zip; notes the others.
ZipEntry const* project_file(std::vector<ZipEntry> const& entries, std::vector<Finding>& findings) {
  ZipEntry const* file = nullptr;
  for (auto const& entry : entries) {
    if (entry.name != kYamlFile && entry.name != kJsonFile) {
      findings.push_back(
          {Finding::Level::warning, visible(entry.name), "is no project file; it is ignored"});
    } else if (file == nullptr) {
      file = &entry;
    } else {
      findings.push_back({Finding::Level::error, visible(entry.name),
                          fmt::format("there is a {} already", file->name)});
    }
  }
  if (file == nullptr) {
    findings.push_back({Finding::Level::error, "",
                        fmt::format("has neither {} nor {} at its top", kYamlFile, kJsonFile)});
  }
  return file;
}

}  // namespace

ArchiveReading read_archive(std::string_view bytes) {
  ArchiveReading reading;
  auto& findings = reading.findings;
  auto const entries = read_zip(bytes);
  if (!entries) {
    findings.push_back({Finding::Level::error, "", entries.error().message});
    return reading;
  }
  auto const* const file = project_file(*entries, findings);
  if (file == nullptr) return reading;
  Archive archive;
  archive.form = file->name == kJsonFile ? ArchiveForm::json : ArchiveForm::yaml;
  auto document =
      archive.form == ArchiveForm::json ? parse_body(file->bytes) : parse_yaml(file->bytes);
  if (!document) {
    findings.push_back({Finding::Level::error, file->name, document.error().message});
    return reading;
  }
  Inspection(file->name, findings).inspect(*document);
  auto const is_error = [](Finding const& f) { return f.level == Finding::Level::error; };
  if (std::ranges::any_of(findings, is_error)) return reading;
  archive.project = std::move(document->get_object());
  if (!archive.project.contains("tasks")) archive.project["tasks"] = Array();
  if (!archive.project.contains("variables")) archive.project["variables"] = Object();
  reading.archive = std::move(archive);
  return reading;
}

Result<std::string> write_archive(Archive const& archive) {
  ZipEntry entry{std::string(kYamlFile), {}};
  if (archive.form == ArchiveForm::json) {
    entry = {std::string(kJsonFile), pretty(archive.project) + "\n"};
  } else {
    entry.bytes = write_yaml(archive.project);
  }
  return write_zip({&entry, 1});
}

std::vector<std::string_view> const& task_types() {
  static std::vector<std::string_view> const types = {"LANDING",
                                                      "STORAGE",
                                                      "QVD_STORAGE",
                                                      "TRANSFORM",
                                                      "DATAMART",
                                                      "REGISTERED_DATA",
                                                      "REPLICATION",
                                                      "DISTRIBUTION",
                                                      "LAKE_LANDING",
                                                      "KNOWLEDGE_MART",
                                                      "LAKEHOUSE_STORAGE",
                                                      "FILE_BASED_KNOWLEDGE_MART",
                                                      "LAKEHOUSE_MIRROR",
                                                      "STREAMING_LAKE_LANDING",
                                                      "STREAMING_TRANSFORM",
                                                      "REPLICATE_LANDING"};
  return types;
}

std::vector<std::string_view> const& project_types() {
  static std::vector<std::string_view> const types = {"DATA_PIPELINE", "DATA_MOVEMENT"};
  return types;
}

std::vector<std::string_view> const& platform_types() {
  static std::vector<std::string_view> const types = {"SNOWFLAKE",
                                                      "BIGQUERY",
                                                      "SYNAPSE",
                                                      "DATABRICKS",
                                                      "REDSHIFT",
                                                      "MSSQL",
                                                      "FABRIC",
                                                      "QLIK_QVD",
                                                      "QLIK_QVD_CUSTOMER_MANAGED",
                                                      "QLIK_OPEN_LAKEHOUSE",
                                                      "NONE"};
  return types;
}

}  // namespace tenantry::emulator
