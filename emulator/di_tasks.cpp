// /api/v1/di-projects/{projectId}/di-tasks: the tasks of the last import. They are prepared,
// started and stopped; a started task runs until it is stopped.
#include <fmt/format.h>

#include "emulator/body.hpp"
#include "emulator/di_actions.hpp"
#include "emulator/di_projects.hpp"

namespace tenantry::emulator {
namespace {

/// A task of the path, with its project.
struct Subject {
  Row const* project = nullptr;
  Object const* task = nullptr;
  std::string id = {};
};

std::variant<Subject, Problem> find_subject(Call const& call) {
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  auto const* const task = find_task(project->data, call.args[1]);
  if (task == nullptr) return missing("the project has no such task");
  return Subject{project, task, call.args[1]};
}

Object render(Object const& project, Object const& task) {
  return {{"id", task.at("id")},
          {"name", task.at("name")},
          {"type", task.at("type")},
          {"ownerId", project.at("ownerId")},
          {"spaceId", project.at("spaceId")},
          {"description", text_at(task, "description")}};
}

Answer list(Call& call) {
  auto const* const project = find_project(call);
  if (project == nullptr) return no_such_project();
  Array tasks;
  for (auto const& task : tasks_of(project->data)) {
    tasks.push_back(render(project->data, task.get_object()));
  }
  return json_reply(200, {{"dataTasks", std::move(tasks)}});
}

Answer get(Call& call) {
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  auto const& [project, task, id] = std::get<0>(subject);
  return json_reply(200, render(project->data, *task));
}

/// Checks a body that may be left out.
Refusal check_optional(Call& call, std::span<Property const> properties) {
  if (call.body.is_null()) return std::nullopt;
  return check_object(call.body, properties);
}

std::string action_name(Call const& call, std::string_view verb, Subject const& subject) {
  return fmt::format("{} task {}.{}", verb, full_name(*call.tenant, subject.project->data),
                     text_at(*subject.task, "name"));
}

/// Starts an action on one task that changes nothing.
Answer start_plain(Call& call, std::string_view verb, std::string_view type) {
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  if (auto refusal = check_optional(call, {})) return *refusal;
  auto const& found = std::get<0>(subject);
  NewAction action{action_name(call, verb, found), type, found.project->id};
  action.tasks.push_back(task_entry(*found.task, false));
  return start_action(call, std::move(action));
}

Answer validate(Call& call) { return start_plain(call, "Validate", "TASK_VALIDATE"); }

/// The API has no type for this action.
Answer recreate_datasets(Call& call) { return start_plain(call, "Recreate datasets of", ""); }

Answer prepare(Call& call) {
  static Property const kProperties[] = {
      {.name = "allowRecreate", .type = Type::flag, .use = Use::required}};
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  if (auto refusal = check_optional(call, kProperties)) return *refusal;
  auto const recreate = call.body.is_object() && call.body.at("allowRecreate").get_bool();
  auto const& found = std::get<0>(subject);
  auto const skipped = !recreate && is_prepared(found.project->data, found.id);
  NewAction action{action_name(call, "Prepare", found), "TASK_PREPARE", found.project->id};
  action.tasks.push_back(task_entry(*found.task, skipped));
  action.result["prepare"] = skipped ? Array() : Array{Value(found.id)};
  return start_action(call, std::move(action));
}

/// The last run of a task, or null.
Object const* run_of(Object const& project, std::string_view task_id) {
  auto const* const runs = find(project, "_runs");
  auto const* const run = runs == nullptr ? nullptr : find(runs->as_object(), task_id);
  return run == nullptr ? nullptr : &run->as_object();
}

bool runs_now(Object const& project, std::string_view task_id) {
  auto const* const run = run_of(project, task_id);
  return run != nullptr && text_at(*run, "state") == "RUNNING";
}

void set_run(Call const& call, Row const& project, std::string_view task_id, Object run) {
  auto draft = project.data;
  auto& runs = draft["_runs"];
  if (!runs.is_object()) runs = Object();
  runs.get_object()[task_id] = std::move(run);
  call.table(kDiProjects).update(project.id, std::move(draft));
}

Answer start(Call& call) {
  static Property const kProperties[] = {
      {.name = "option",
       .values = {"PROCESS_CHANGES_FROM_TIMESTAMP", "PROCESS_CHANGES_FROM_POSITION",
                  "RECOVER_USING_LOCALLY_STORED_CHECKPOINT"}},
      {.name = "processChangesFrom"}};
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  auto const& [project, task, id] = std::get<0>(subject);
  if (auto refusal = check_optional(call, kProperties)) return *refusal;
  auto const has_options = call.body.is_object() && !call.body.get_object().empty();
  if (has_options && text_at(*task, "type") != "REPLICATION") {
    return invalid("", "only a replication task takes options");
  }
  if (!is_prepared(project->data, id)) return invalid("", "the task is not prepared");
  if (runs_now(project->data, id)) return invalid("", "the task is running already");
  set_run(call, *project, id, {{"state", "RUNNING"}, {"startTime", call.world.stamp()}});
  return empty_reply(204);
}

Answer stop(Call& call) {
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  auto const& [project, task, id] = std::get<0>(subject);
  if (!runs_now(project->data, id)) return invalid("", "the task is not running");
  auto run = *run_of(project->data, id);
  run["state"] = "CANCELED";
  run["endTime"] = call.world.stamp();
  set_run(call, *project, id, std::move(run));
  return empty_reply(204);
}

Answer runtime_state(Call& call) {
  auto const subject = find_subject(call);
  if (auto const* const problem = std::get_if<Problem>(&subject)) return *problem;
  auto const& [project, task, id] = std::get<0>(subject);
  auto readiness = Object{{"state", "READY_TO_RUN"}};
  if (runs_now(project->data, id)) {
    readiness["state"] = "ALREADY_RUNNING";
  } else if (!is_prepared(project->data, id)) {
    readiness = {{"state", "NOT_RUNNABLE"}, {"message", "the task is not prepared"}};
  }
  Object out{{"name", task->at("name")},
             {"type", task->at("type")},
             {"runReadiness", std::move(readiness)}};
  if (auto const* const run = run_of(project->data, id)) out["lastRun"] = *run;
  return json_reply(200, out);
}

}  // namespace

Kind di_tasks_kind() {
  constexpr std::string_view
      kAll = "/api/v1/di-projects/{projectId}/di-tasks",
      kOne = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}",
      kPrepare = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/actions/prepare",
      kValidate = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/actions/validate",
      kRecreate = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/actions/recreate-datasets",
      kStart = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/runtime/actions/start",
      kStop = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/runtime/actions/stop",
      kState = "/api/v1/di-projects/{projectId}/di-tasks/{dataTaskId}/runtime/state";
  constexpr Tier kStateTier{"di-projects/runtime/state", 120};
  constexpr auto kAdmin = Access::admin;
  constexpr auto kOptional = BodyKind::optional_json;
  return {.errors = {.status = StatusForm::number},
          .routes = {{"GET", kAll, list},
                     {"GET", kOne, get},
                     {"POST", kPrepare, prepare, kTier2, kAdmin, kOptional},
                     {"POST", kValidate, validate, kTier2, kAdmin, kOptional},
                     {"POST", kRecreate, recreate_datasets, kTier2, kAdmin, kOptional},
                     {"POST", kStart, start, kTier2, kAdmin, kOptional},
                     {"POST", kStop, stop, kTier2, kAdmin},
                     {"GET", kState, runtime_state, kStateTier}}};
}

}  // namespace tenantry::emulator
