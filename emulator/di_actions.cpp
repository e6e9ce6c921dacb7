// /api/v1/di-projects/actions/{actionId}, and what starts actions on a whole project: validate and
// prepare.
#include "emulator/di_actions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/di_imports.hpp"
#include "emulator/di_projects.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kTable = "diActions";
/// Finished actions beyond this number are forgotten, the oldest first.
constexpr std::size_t kActionsMax = 200;
/// An action that is asked for is PENDING once, EXECUTING once, and then at its end.
constexpr std::int64_t kPolls = 3;
/// One that nobody asks for spends this time in each of the two states.
constexpr std::chrono::seconds kPhase{15};

bool has_ended(Object const& action) { return action.contains("endTime"); }

/// Marks the tasks as ready to run.
void apply_prepare(Call const& call, Row const& project, Array const& ids) {
  auto draft = project.data;
  auto& prepared = draft["_prepared"];
  if (!prepared.is_array()) prepared = Array();
  for (auto const& id : ids) {
    auto const known = find_task(draft, std::string_view(id.as_string())) != nullptr;
    if (known && std::ranges::find(prepared.get_array(), id) == prepared.get_array().end()) {
      prepared.get_array().push_back(id);
    }
  }
  call.table(kDiProjects).update(project.id, std::move(draft));
}

void apply_result(Call const& call, Row const& project, Object const& result) {
  if (auto const* const import = find(result, "import")) {
    apply_import(call, project, import->as_object());
  } else if (auto const* const ids = find(result, "prepare")) {
    apply_prepare(call, project, ids->as_array());
  }
}

/// How far an action is, from 1 (pending) to kPolls (ended).
std::int64_t phase_of(Call const& call, Object const& action) {
  auto const created = parse_time(text_at(action, "_createdAt"));
  auto const age = created ? call.world.now() - *created : 2 * kPhase;
  return std::max(action.at("_polls").as_int64(), 1 + age / kPhase);
}

/// Brings an action to the state of its phase.
void advance(Call const& call, Row const& action) {
  if (has_ended(action.data)) return;
  auto const phase = phase_of(call, action.data);
  auto draft = action.data;
  if (phase >= 2 && !draft.contains("startTime")) {
    draft["state"] = "EXECUTING";
    draft["startTime"] = call.world.stamp();
  }
  if (phase >= kPolls) {
    auto const result = draft["_result"].as_object();
    auto const* const error = find(result, "error");
    draft["state"] = error == nullptr ? "COMPLETED" : "FAILED";
    draft["endTime"] = call.world.stamp();
    if (error != nullptr) draft["error"] = *error;
    draft["_result"] = Object();
    auto const* const project = call.table(kDiProjects).find(text_at(draft, "_project"));
    if (project != nullptr) apply_result(call, *project, result);
  }
  call.table(kTable).update(action.id, std::move(draft));
}

/// The state of one task of an action.
std::string task_state(Object const& action, Object const& task) {
  auto const state = text_at(action, "state");
  return state == "COMPLETED" && task.at("skipped").as_bool() ? "SKIPPED" : state;
}

Object progress_of(Object const& action) {
  Object progress{{"failed", 0},   {"pending", 0},   {"skipped", 0},
                  {"canceled", 0}, {"completed", 0}, {"executing", 0}};
  for (auto const& task : action.at("_tasks").as_array()) {
    progress[lower(task_state(action, task.as_object()))].as_int64() += 1;
  }
  return progress;
}

Array details_of(Object const& action) {
  Array details;
  for (auto const& task : action.at("_tasks").as_array()) {
    Object entry{{"taskId", task.at("taskId")},
                 {"name", task.at("name")},
                 {"state", task_state(action, task.as_object())}};
    if (entry["state"] == "SKIPPED") entry["info"] = "prepared already";
    details.push_back(std::move(entry));
  }
  return details;
}

Answer get(Call& call) {
  auto& table = call.table(kTable);
  auto const* const row = table.find(call.id());
  if (row == nullptr) return missing("there is no such action");
  auto const detailed = call.parameter("detailed").value_or("false");
  if (detailed != "true" && detailed != "false") {
    return bad_parameter("detailed", "must be true or false");
  }
  if (!has_ended(row->data)) {
    auto draft = row->data;
    draft["_polls"] = draft["_polls"].as_int64() + 1;
    table.update(row->id, std::move(draft));
    advance(call, *row);
  }
  auto out = public_part(row->data);
  for (auto const* const name : {"error", "startTime", "endTime"}) {
    if (!out.contains(name)) out[name] = nullptr;
  }
  out["taskProgress"] = progress_of(row->data);
  out["taskDetails"] = detailed == "true" ? Value(details_of(row->data)) : Value(nullptr);
  return json_reply(200, out);
}

/// The tasks that a body selects by {"selectedTasks": [{"taskId"}]}; all where it names none.
std::variant<std::vector<Object const*>, Problem> selected_tasks(Object const& project,
                                                                 Object const& body) {
  static Property const kSelection[] = {{.name = "taskId", .use = Use::required}};
  std::vector<Object const*> tasks;
  if (auto const* const selection = find(body, "selectedTasks")) {
    auto const& list = selection->as_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const pointer = fmt::format("/selectedTasks/{}", i);
      if (auto refusal = check_object(list[i], kSelection, pointer)) return *refusal;
      auto const* const task = find_task(project, text_at(list[i].get_object(), "taskId"));
      if (task == nullptr) return invalid(pointer, "there is no such task");
      tasks.push_back(task);
    }
  }
  if (tasks.empty()) {
    for (auto const& task : tasks_of(project)) tasks.push_back(&task.get_object());
  }
  return tasks;
}

Answer validate(Call& call) {
  static Property const kProperties[] = {{.name = "selectedTasks", .type = Type::objects}};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const tasks = selected_tasks(project->data, call.body.get_object());
  if (auto const* const problem = std::get_if<Problem>(&tasks)) return *problem;
  NewAction action{"Validate project " + full_name(*call.tenant, project->data), "PROJECT_VALIDATE",
                   project->id};
  for (auto const* const task : std::get<0>(tasks)) {
    action.tasks.push_back(task_entry(*task, false));
  }
  return start_action(call, std::move(action));
}

/// Tasks that were prepared before are left alone, unless they may be made again.
Answer prepare(Call& call) {
  static Property const kProperties[] = {{.name = "allowRecreate", .type = Type::flag},
                                         {.name = "selectedTasks", .type = Type::objects}};
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto const tasks = selected_tasks(project->data, body);
  if (auto const* const problem = std::get_if<Problem>(&tasks)) return *problem;
  auto const* const allow = find(body, "allowRecreate");
  auto const recreate = allow != nullptr && allow->get_bool();
  NewAction action{"Prepare project " + full_name(*call.tenant, project->data), "PROJECT_PREPARE",
                   project->id};
  Array ids;
  for (auto const* const task : std::get<0>(tasks)) {
    auto const skipped = !recreate && is_prepared(project->data, text_at(*task, "id"));
    action.tasks.push_back(task_entry(*task, skipped));
    if (!skipped) ids.push_back(task->at("id"));
  }
  action.result["prepare"] = std::move(ids);
  return start_action(call, std::move(action));
}

void forget_old(Table& table) {
  std::vector<std::string> gone;
  for (auto const& [sequence, row] : table.rows()) {
    if (table.size() - gone.size() < kActionsMax) break;
    if (has_ended(row.data)) gone.push_back(row.id);
  }
  for (auto const& id : gone) table.erase(id);
}

}  // namespace

Answer start_action(Call const& call, NewAction action) {
  auto& table = call.table(kTable);
  forget_old(table);
  Object data{{"name", std::move(action.name)},
              {"state", "PENDING"},
              {"_project", std::move(action.project_id)},
              {"_createdAt", call.world.stamp()},
              {"_polls", 0},
              {"_tasks", std::move(action.tasks)},
              {"_result", std::move(action.result)}};
  if (!action.type.empty()) data["type"] = action.type;
  auto const& row = table.insert(call.new_id(table), std::move(data));
  auto reply = json_reply(202, {{"actionId", row.id}});
  reply.headers.push_back(
      {"Location", fmt::format("{}/api/v1/di-projects/actions/{}", call.origin, row.id)});
  return reply;
}

void settle_actions(Call const& call, std::string_view project_id) {
  std::vector<Row const*> running;
  for (auto const& [sequence, row] : call.table(kTable).rows()) {
    if (!has_ended(row.data) && text_at(row.data, "_project") == project_id) {
      running.push_back(&row);
    }
  }
  for (auto const* const action : running) advance(call, *action);
}

bool is_running(Tenant const& tenant, std::string_view project_id, std::string_view type) {
  return std::ranges::any_of(tenant.table(kTable).rows(), [&](auto const& entry) {
    auto const& action = entry.second.data;
    return !has_ended(action) && text_at(action, "_project") == project_id &&
           text_at(action, "type") == type;
  });
}

Object task_entry(Object const& task, bool skipped) {
  return {{"taskId", task.at("id")}, {"name", task.at("name")}, {"skipped", skipped}};
}

Kind di_actions_kind() {
  return {.errors = {.status = StatusForm::number},
          .tables = {{.name = kTable, .in_snapshot = false}},
          .routes = {{"GET", "/api/v1/di-projects/actions/{actionId}", get},
                     {"POST", "/api/v1/di-projects/{projectId}/actions/validate", validate, kTier2,
                      Access::admin, BodyKind::json},
                     {"POST", "/api/v1/di-projects/{projectId}/actions/prepare", prepare, kTier2,
                      Access::admin, BodyKind::json}}};
}

}  // namespace tenantry::emulator
