// Imports of data integration projects: synchronous, asynchronous, and the check of an archive
// beforehand.
#include "emulator/di_imports.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/di_actions.hpp"
#include "emulator/di_archive.hpp"
#include "emulator/di_projects.hpp"
#include "emulator/multipart.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kArchiveMax = 50U << 20;
constexpr std::string_view kImport = "PROJECT_IMPORT";

/// Why an import fails, as its action tells it.
struct Failure {
  std::string_view code;
  std::string message;
  std::string details;
};

/// The bytes of the archive in a multipart body, in a part of one of these names.
std::variant<std::string, Problem> read_part(Call const& call,
                                             std::span<std::string_view const> names) {
  auto const type = call.request.header("content-type");
  if (media_type(type) != "multipart/form-data") {
    return invalid("", "Content-Type must be multipart/form-data");
  }
  auto parts = parse_multipart(type, call.request.body);
  if (!parts) return invalid("", parts.error().message);
  auto const part = std::ranges::find_if(*parts, [&](Part const& candidate) {
    return std::ranges::find(names, candidate.name) != names.end();
  });
  if (part == parts->end()) {
    return invalid("", fmt::format("the body has no part {}", names.front()));
  }
  if (part->bytes.empty()) return invalid("", "the archive is empty");
  return std::move(part->bytes);
}

std::string errors_in(std::vector<Finding> const& findings) {
  std::string text;
  for (auto const& finding : findings) {
    if (finding.level != Finding::Level::error) continue;
    auto const* const separator = text.empty() ? "" : "; ";
    auto const& path = finding.path.empty() ? std::string("the archive") : finding.path;
    text += fmt::format("{}{} {}", separator, path, finding.reason);
  }
  return text;
}

/// The space that {{id(connection, SPACE.Name)}} names: both may have points in their names, so the
/// longest name of a space that fits counts. Null: there is none.
Row const* referenced_space(Call const& call, std::string_view reference) {
  for (auto dot = reference.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = reference.rfind('.', dot - 1)) {
    auto const* const space = call.table("spaces").find_by_key(reference.substr(0, dot));
    if (space != nullptr) return space;
  }
  return nullptr;
}

/// Checks a value that is a reference; any other text is good.
std::optional<std::string> wrong_reference(Call const& call, std::string_view value) {
  constexpr std::string_view kBegin = "{{", kCall = "{{id(connection, ", kEnd = ")}}";
  if (!value.starts_with(kBegin)) return std::nullopt;
  if (!value.starts_with(kCall) || !value.ends_with(kEnd) ||
      value.size() <= kCall.size() + kEnd.size()) {
    return "is not of the form {{id(connection, SPACE.Name)}}";
  }
  auto const reference = value.substr(kCall.size(), value.size() - kCall.size() - kEnd.size());
  if (referenced_space(call, reference) != nullptr) return std::nullopt;
  return fmt::format("refers to {}, of a space that does not exist", visible(reference));
}

/// The value of each variable of an archive: what is saved in the project, else the default.
std::variant<Object, Failure> bind(Call const& call, Object const& project,
                                   Object const& variables) {
  auto const& saved = project.at("_bindings").as_object();
  Object bindings;
  std::vector<std::string> unbound, wrong;
  for (auto const& variable : variables) {
    std::string_view const name = variable.key();
    auto const* const own = find(saved, name);
    auto const& value = own != nullptr && own->is_string() ? *own : variable.value();
    if (value.is_string()) {
      auto const reason = wrong_reference(call, std::string_view(value.get_string()));
      if (reason) wrong.push_back(fmt::format("{} {}", visible(name), *reason));
      bindings[name] = value;
    } else if (name == "projectName") {
      bindings[name] = project.at("name");
    } else {
      unbound.push_back(visible(name));
    }
  }
  if (!unbound.empty()) {
    return Failure{"DI-BINDINGS-MISSING", "variables of the archive have no value",
                   fmt::format("set the bindings {}", join_words(unbound))};
  }
  if (!wrong.empty()) {
    return Failure{"DI-BINDINGS-INVALID", "bindings cannot be resolved", join_words(wrong)};
  }
  return bindings;
}

/// What an archive makes of a project, with the bindings that are saved now.
std::variant<Object, Failure> take_in(Call const& call, Object const& project,
                                      std::string_view bytes, ArchiveReading reading) {
  if (!reading.archive) {
    return Failure{"DI-ARCHIVE-INVALID", "the file is no project archive",
                   errors_in(reading.findings)};
  }
  auto& document = reading.archive->project;
  auto bindings = bind(call, project, document.at("variables").as_object());
  if (auto* const failure = std::get_if<Failure>(&bindings)) return std::move(*failure);
  return Object{{"document", std::move(document)},
                {"digest", sha256_hex(bytes)},
                {"bindings", std::move(std::get<0>(bindings))}};
}

Refusal refuse_second(Call const& call, Row const& project) {
  if (!is_running(*call.tenant, project.id, kImport)) return std::nullopt;
  return conflict("", "another import into this project is running");
}

/// The synchronous form knows JSON archives only. The reference calls the part zip, the guide file.
Answer import_now(Call& call) {
  constexpr std::string_view kParts[] = {"zip", "file"};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  auto const bytes = read_part(call, kParts);
  if (auto const* const problem = std::get_if<Problem>(&bytes)) return *problem;
  if (auto refusal = refuse_second(call, *project)) return *refusal;
  auto reading = read_archive(std::get<0>(bytes));
  if (reading.archive && reading.archive->form == ArchiveForm::yaml) {
    return invalid("", "a YAML archive needs actions/import-async");
  }
  auto import = take_in(call, project->data, std::get<0>(bytes), std::move(reading));
  if (auto const* const failure = std::get_if<Failure>(&import)) {
    return invalid("", fmt::format("{}: {}", failure->message, failure->details));
  }
  apply_import(call, *project, std::move(std::get<0>(import)));
  return json_reply(200, Object());
}

/// The archive is read at once, with the bindings of now; what it does is seen at the end of the
/// action.
Answer import_later(Call& call) {
  constexpr std::string_view kParts[] = {"zip"};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  auto const bytes = read_part(call, kParts);
  if (auto const* const problem = std::get_if<Problem>(&bytes)) return *problem;
  if (auto refusal = refuse_second(call, *project)) return *refusal;
  NewAction action{"Import project " + full_name(*call.tenant, project->data), kImport,
                   project->id};
  auto import = take_in(call, project->data, std::get<0>(bytes), read_archive(std::get<0>(bytes)));
  if (auto const* const failure = std::get_if<Failure>(&import)) {
    action.result["error"] = Object{
        {"code", failure->code}, {"message", failure->message}, {"details", failure->details}};
    return start_action(call, std::move(action));
  }
  auto& taken = std::get<0>(import);
  for (auto const& task : taken["document"].at("tasks").as_array()) {
    action.tasks.push_back(task_entry(task.get_object(), false));
  }
  action.result["import"] = std::move(taken);
  return start_action(call, std::move(action));
}

Answer validate_definitions(Call& call) {
  constexpr std::string_view kParts[] = {"zip"};
  auto const bytes = read_part(call, kParts);
  if (auto const* const problem = std::get_if<Problem>(&bytes)) return *problem;
  Array reports;
  for (auto const& finding : read_archive(std::get<0>(bytes)).findings) {
    reports.push_back({{"path", finding.path},
                       {"level", finding.level == Finding::Level::error ? "ERROR" : "WARNING"},
                       {"reason", finding.reason}});
  }
  return json_reply(200, {{"reports", std::move(reports)}});
}

}  // namespace

void apply_import(Call const& call, Row const& project, Object import) {
  auto draft = project.data;
  draft["_import"] = std::move(import);
  Array prepared;
  Object runs;
  for (auto const& task : tasks_of(draft)) {
    auto const id = text_at(task.get_object(), "id");
    auto const* const before = find_task(project.data, id);
    if (before == nullptr) continue;
    if (is_prepared(project.data, id) && equal(*before, task)) prepared.emplace_back(id);
    auto const* const old = find(project.data, "_runs");
    auto const* const run = old == nullptr ? nullptr : find(old->as_object(), id);
    if (run != nullptr) runs[id] = *run;
  }
  draft["_prepared"] = std::move(prepared);
  draft["_runs"] = std::move(runs);
  call.table(kDiProjects).update(project.id, std::move(draft));
}

Kind di_imports_kind() {
  constexpr std::string_view kNow = "/api/v1/di-projects/{projectId}/actions/import",
                             kLater = "/api/v1/di-projects/{projectId}/actions/import-async",
                             kCheck =
                                 "/api/v1/di-projects/utils/actions/validate-project-definitions";
  auto const route = [](std::string_view path, Handler handler) {
    return Route{.method = "POST",
                 .path = path,
                 .handler = handler,
                 .tier = kTier2,
                 .access = Access::admin,
                 .body = BodyKind::bytes,
                 .body_bytes_max = kArchiveMax};
  };
  return {.errors = {.status = StatusForm::number},
          .routes = {route(kNow, import_now), route(kLater, import_later),
                     route(kCheck, validate_definitions)}};
}

}  // namespace tenantry::emulator
