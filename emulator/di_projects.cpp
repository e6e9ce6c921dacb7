// /api/v1/di-projects: projects, their bindings and their export. Imports, actions and tasks have
// files of their own. As in Qlik Cloud, a project cannot be renamed or deleted by API.
#include "emulator/di_projects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/di_actions.hpp"
#include "emulator/di_archive.hpp"
#include "emulator/roles.hpp"
#include "emulator/spaces.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kProjectName = "projectName";  ///< the variable that every project has

Object render(Row const& row) {
  auto out = public_part(row.data);
  out["id"] = row.id;
  return out;
}

std::string key(std::string_view space_id, std::string_view name) {
  return fmt::format("{}\n{}", space_id, name);
}

std::string key_of(Object const& data) {
  return key(text_at(data, "spaceId"), text_at(data, "name"));
}

bool is_visible(Call const& call, Object const& project) {
  auto const* const space = call.table("spaces").find(text_at(project, "spaceId"));
  return space != nullptr && can_see_space(call, *space);
}

Answer list(Call& call) {
  auto const wanted = call.parameter("spaceId");
  auto const* const space = wanted ? call.table("spaces").find(*wanted) : nullptr;
  if (wanted && (space == nullptr || !can_see_space(call, *space))) return no_such_space();
  Array projects;
  for (auto const& [sequence, row] : call.table(kDiProjects).rows()) {
    if (wanted && text_at(row.data, "spaceId") != *wanted) continue;
    if (is_visible(call, row.data)) projects.push_back(render(row));
  }
  return json_reply(200, {{"projects", std::move(projects)}});
}

Answer get(Call& call) {
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  return json_reply(200, render(*project));
}

/// An empty project, as a container for an import.
Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "name", .use = Use::required, .length_min = 1, .length_max = 256},
      {.name = "type", .values = project_types()},
      {.name = "space", .use = Use::required, .length_min = 1},
      {.name = "description"},
      {.name = "platformType", .values = platform_types()},
      {.name = "platformConnection"},
      {.name = "cloudStagingConnection"}};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto const* const space = call.table("spaces").find(text_at(body, "space"));
  if (space == nullptr || !can_see_space(call, *space)) {
    return invalid("/space", "there is no such space");
  }
  if (text_at(space->data, "type") != "data") return invalid("/space", "must be a data space");
  auto& table = call.table(kDiProjects);
  if (table.find_by_key(key(space->id, text_at(body, "name"))) != nullptr) {
    return invalid("/name", "a project with this name exists in the space");
  }
  auto const* const type = find(body, "type");
  Object data{{"name", body.at("name")},
              {"type", type == nullptr ? Value(project_types().front()) : *type},
              {"spaceId", space->id},
              {"description", text_at(body, "description")},
              {"ownerId", call.token->user_id}};
  if (auto const* const platform = find(body, "platformType")) data["platformType"] = *platform;
  for (auto const* const name : {"platformConnection", "cloudStagingConnection"}) {
    if (auto const* const connection = find(body, name)) {
      data[fmt::format("_{}", name)] = *connection;
    }
  }
  data["_bindings"] = Object();
  return json_reply(201, render(table.insert(call.new_id(table), std::move(data))));
}

Object const& saved_of(Object const& project) { return project.at("_bindings").as_object(); }

/// The file of the last import, or null.
Object const* document_of(Object const& project) {
  auto const* const import = find(project, "_import");
  return import == nullptr ? nullptr : &import->at("document").as_object();
}

/// The variables that the content of the project has now, each with its saved value, else its
/// default. Saved ones that the content does not have are not among them.
Object calculated(Object const& project) {
  Object variables{{kProjectName, project.at("name")}};
  if (auto const* const document = document_of(project)) {
    for (auto const& member : document->at("variables").as_object()) {
      if (!variables.contains(member.key())) variables[member.key()] = member.value();
    }
  }
  for (auto const& member : saved_of(project)) {
    if (variables.contains(member.key())) variables[member.key()] = member.value();
  }
  return variables;
}

Answer get_bindings(Call& call) {
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  auto const recalculate = call.parameter("recalculate").value_or("true");
  if (recalculate != "true" && recalculate != "false") {
    return bad_parameter("recalculate", "must be true or false");
  }
  Object ids;
  for (auto const& task : tasks_of(project->data)) {
    ids[text_at(task.get_object(), "name")] = task.at("id");
  }
  return json_reply(200, {{"variables", recalculate == "true" ? calculated(project->data)
                                                              : saved_of(project->data)},
                          {"nameToIdMap", std::move(ids)}});
}

/// Replaces what is saved; the next import takes it.
Answer put_bindings(Call& call) {
  static Property const kProperties[] = {
      {.name = "variables", .type = Type::object, .use = Use::required}};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& variables = call.body.at("variables").get_object();
  for (auto const& variable : variables) {
    if (variable.value().is_string() || variable.value().is_null()) continue;
    return invalid(fmt::format("/variables/{}", std::string_view(variable.key())),
                   "must be a text or null");
  }
  auto draft = project->data;
  draft["_bindings"] = variables;
  call.table(kDiProjects).update(project->id, std::move(draft));
  return json_reply(200, Object());
}

/// True for what an export of mode MINIMAL leaves out.
bool is_default(Value const& value) {
  return value.is_null() || value == Value("") || value == Value(Array());
}

void leave_out_defaults(Object& object) {
  Object kept;
  for (auto const& member : object) {
    if (!is_default(member.value())) kept[member.key()] = member.value();
  }
  object = std::move(kept);
}

Object exported(Object const& project, std::string_view mode, bool with_bindings) {
  auto const* const imported = document_of(project);
  Object out = imported == nullptr ? Object() : *imported;
  for (auto const* const name : {"name", "type", "description", "platformType"}) {
    if (auto const* const value = find(project, name)) out[name] = *value;
  }
  if (!out.contains("tasks")) out["tasks"] = Array();
  if (!out.contains("variables")) out["variables"] = Object();
  if (with_bindings) {
    for (auto const& [name, value] : saved_of(project)) {
      out["variables"].as_object()[name] = value;
    }
  }
  if (mode != "MINIMAL") return out;
  for (auto& task : out["tasks"].as_array()) leave_out_defaults(task.as_object());
  leave_out_defaults(out);
  return out;
}

Answer export_project(Call& call) {
  static Property const kProperties[] = {{.name = "mode", .values = {"MINIMAL", "ALL", "LEGACY"}},
                                         {.name = "includeBindings", .type = Type::flag}};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  if (call.body.is_null()) call.body = Object();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto const mode = body.contains("mode") ? text_at(body, "mode") : std::string("MINIMAL");
  auto const* const bindings = find(body, "includeBindings");
  auto const archive =
      write_archive({mode == "LEGACY" ? ArchiveForm::json : ArchiveForm::yaml,
                     exported(project->data, mode, bindings != nullptr && bindings->get_bool())});
  if (!archive) return Problem{.status = 500, .detail = archive.error().message};
  return Reply{200, "application/octet-stream", *archive, {}};
}

Object show(Tenant const&, Row const& row) {
  auto out = render(row);
  out["bindings"] = saved_of(row.data);
  auto const* const import = find(row.data, "_import");
  if (import == nullptr) return out;
  auto const& document = import->at("document").as_object();
  out["imported"] = Object{{"name", document.at("name")},
                           {"tasks", document.at("tasks")},
                           {"variables", import->at("bindings")},
                           {"digest", import->at("digest")}};
  return out;
}

}  // namespace

Row const* find_project(Call const& call) {
  auto const* const row = call.table(kDiProjects).find(call.id());
  if (row == nullptr || !is_visible(call, row->data)) return nullptr;
  settle_actions(call, row->id);
  return row;
}

Problem no_such_project() { return missing("there is no such project"); }

std::string full_name(Tenant const& tenant, Object const& project) {
  auto const* const space = tenant.table("spaces").find(text_at(project, "spaceId"));
  return fmt::format("{}.{}", space == nullptr ? "" : text_at(space->data, "name"),
                     text_at(project, "name"));
}

Array const& tasks_of(Object const& project) {
  static Array const kNone;
  auto const* const document = document_of(project);
  return document == nullptr ? kNone : document->at("tasks").as_array();
}

Object const* find_task(Object const& project, std::string_view task_id) {
  for (auto const& task : tasks_of(project)) {
    if (text_at(task.get_object(), "id") == task_id) return &task.get_object();
  }
  return nullptr;
}

bool is_prepared(Object const& project, std::string_view task_id) {
  return lists_id(find(project, "_prepared"), task_id);
}

bool has_projects(Tenant const& tenant, std::string_view space_id) {
  return std::ranges::any_of(tenant.table(kDiProjects).rows(), [&](auto const& entry) {
    return text_at(entry.second.data, "spaceId") == space_id;
  });
}

Kind di_projects_kind() {
  constexpr std::string_view kAll = "/api/v1/di-projects", kOne = "/api/v1/di-projects/{projectId}",
                             kBindings = "/api/v1/di-projects/{projectId}/bindings";
  return {.errors = {.status = StatusForm::number},
          .tables = {{kDiProjects, key_of, show}},
          .routes = {{"GET", kAll, list},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", kOne, get},
                     {"GET", kBindings, get_bindings},
                     {"PUT", kBindings, put_bindings, kTier2, Access::admin, BodyKind::json},
                     {"POST", "/api/v1/di-projects/{projectId}/actions/export", export_project,
                      kTier2, Access::admin, BodyKind::optional_json}}};
}

}  // namespace tenantry::emulator
