#include "providers/qlik/di_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "engine/core/text.hpp"

namespace tenantry::qlik {
namespace {
using namespace std::chrono_literals;

// An import takes from seconds to many minutes, by the number of its tasks and datasets.
constexpr auto kWaitFirst = 250ms;
constexpr auto kWaitMax = 15'000ms;
constexpr auto kTurnTotal = 15'000ms;  // for the end of an import that is not ours
constexpr auto kWaitTotal = 30 * 60'000ms;
constexpr std::size_t kTaskErrorsMax = 5;  ///< that a message names

/// The runtime state of a task has a limit of its own (x-rate-limit of its operation).
Tier const& runtime_tier() {
  static Tier const tier{"di-runtime-state", 120};
  return tier;
}

/// "CODE: message (details)" of an AsyncActionError; "" where there is none.
std::string words_of(Object const& report) {
  auto const* error = find(report, "error");
  auto const* object = error != nullptr ? error->if_object() : nullptr;
  if (object == nullptr) return {};
  auto out = text_at(*object, "code");
  for (auto const name : {"message", "details"}) {
    auto const text = text_at(*object, name);
    if (text.empty() || out.find(text) != std::string::npos) continue;
    out += out.empty() ? text : ": " + text;
  }
  return visible(out);
}

/// What the report of an action says of its end, task by task.
std::string failure_of(Object const& report) {
  std::vector<std::string> parts;
  if (auto words = words_of(report); !words.empty()) parts.push_back(std::move(words));
  auto const* tasks = find(report, "taskDetails");
  auto const* list = tasks != nullptr ? tasks->if_array() : nullptr;
  std::size_t more = 0;
  for (auto const& entry : list != nullptr ? *list : Array()) {
    auto const* task = entry.if_object();
    if (task == nullptr || text_at(*task, "state") != "FAILED") continue;
    if (parts.size() > kTaskErrorsMax) {
      ++more;
      continue;
    }
    auto const words = words_of(*task);
    parts.push_back(fmt::format("task {}: {}", visible(text_at(*task, "name")),
                                words.empty() ? visible(text_at(*task, "info")) : words));
  }
  if (more > 0) parts.push_back(fmt::format("and {} more tasks", more));
  if (parts.empty()) parts.emplace_back("Qlik Cloud does not say why");
  return fmt::format("{}", fmt::join(parts, "; "));
}

/// ", 3 of 10 tasks"; "" where the report does not count.
std::string progress_of(Object const& report) {
  auto const* counts = find(report, "taskProgress");
  auto const* object = counts != nullptr ? counts->if_object() : nullptr;
  if (object == nullptr) return {};
  std::int64_t all = 0;
  std::int64_t open = 0;
  for (auto const& member : *object) {
    if (!member.value().is_int64()) continue;
    auto const number = member.value().get_int64();
    all += number;
    if (member.key() == "pending" || member.key() == "executing") open += number;
  }
  return all > 0 ? fmt::format(", {} of {} tasks", all - open, all) : std::string();
}

class Import {
 public:
  Import(Operation const& operation, std::string project, std::string label)
      : operation_(operation), project_(std::move(project)), label_(std::move(label)) {}

  Task<void> run(FormPart package, AroundImport around) {
    if (!around.stop.empty()) {
      auto stopped = co_await stop(around.stop);
      if (!stopped) co_return stopped.error();
    }
    auto imported = co_await import_when_free(std::move(package));
    if (!imported) co_return imported.error();
    if (around.prepare) {
      Object const whole_project{{"selectedTasks", Array()}};
      Call prepare{
          .verb = Verb::post, .path = project_ + "/actions/prepare", .body = Value(whole_project)};
      auto prepared = co_await act("preparation", std::move(prepare));
      if (!prepared) co_return prepared.error();
    }
    if (around.start.empty()) co_return Result<void>();
    co_return co_await start(around.start);
  }

 private:
  /// Longer from look to look, until `kWaitTotal` has passed.
  class Patience {
   public:
    bool is_over(std::chrono::milliseconds total = kWaitTotal) const { return waited_ >= total; }
    std::chrono::milliseconds next() {
      auto const now = next_;
      waited_ += now;
      next_ = std::min<std::chrono::milliseconds>(next_ * 2, kWaitMax);
      return now;
    }

   private:
    std::chrono::milliseconds next_ = kWaitFirst;
    std::chrono::milliseconds waited_{0};
  };

  /// An import that an earlier run started goes on without it: this one waits a while for its turn.
  /// Longer ones are left to the next run.
  Task<void> import_when_free(FormPart package) {
    Patience patience;
    while (true) {
      Call call{.verb = Verb::post, .path = project_ + "/actions/import-async"};
      call.form.push_back(package);
      auto imported = co_await act("import", std::move(call));
      if (imported || imported.error().code != Errc::conflict || patience.is_over(kTurnTotal))
        co_return imported;
      operation_.tell("import: another one into this project is running");
      auto slept = co_await operation_.session.wait(patience.next());
      if (!slept) co_return slept.error();
    }
  }

  struct Runtime {
    std::string readiness;  ///< READY_TO_RUN, ALREADY_RUNNING, NOT_RUNNABLE
    std::string message;
    std::string last_run;  ///< state of the last run; "" where there was none
    bool runs() const {
      return readiness == "ALREADY_RUNNING" || last_run == "STARTING" || last_run == "RUNNING" ||
             last_run == "STOPPING";
    }
  };

  /// Starts an asynchronous action and waits for its end.
  Task<void> act(std::string what, Call call) {
    auto accepted = co_await operation_.session.call(std::move(call));
    if (!accepted) {
      auto error = accepted.error();
      if (error.code == Errc::conflict) {
        error.hint =
            "another import into the project may be running: wait for its end, and run "
            "again";
      }
      co_return error;
    }
    auto const* body = accepted->body.if_object();
    auto const id = body != nullptr ? text_at(*body, "actionId") : std::string();
    if (id.empty()) {
      co_return Error(Errc::protocol,
                      fmt::format("the answer to the {} of {} has no action id", what, label_));
    }
    co_return co_await follow(std::move(what), id);
  }

  Task<void> follow(std::string what, std::string id) {
    auto const path = "/api/v1/di-projects/actions/" + encode_segment(id);
    Patience patience;
    while (true) {
      Call call{.verb = Verb::get, .path = path, .query = {{"detailed", "true"}}};
      auto reply = co_await operation_.session.call(std::move(call));
      if (!reply) co_return reply.error();
      auto const* report = reply->body.if_object();
      if (report == nullptr) co_return Error(Errc::protocol, path + " is no object");
      auto const state = text_at(*report, "state");
      if (state == "COMPLETED") co_return Result<void>();
      if (state == "FAILED" || state == "CANCELED" || state == "SKIPPED") {
        co_return ended(what, state, *report);
      }
      operation_.tell(fmt::format("{}: {}{}", what, visible(lower(state)), progress_of(*report)));
      if (patience.is_over()) co_return too_long(what);
      auto waited = co_await operation_.session.wait(patience.next());
      if (!waited) co_return waited.error();
    }
  }

  Error ended(std::string const& what, std::string const& state, Object const& report) const {
    if (state == "FAILED") {
      return {Errc::rejected,
              fmt::format("the {} of {} failed: {}", what, label_, failure_of(report)),
              "the project and its bindings are there: mend the package, the bindings or the "
              "connections that they name, and run again"};
    }
    return {Errc::rejected,
            fmt::format("the {} of {} was {} by Qlik Cloud", what, label_,
                        state == "CANCELED" ? "cancelled" : "skipped"),
            "run again"};
  }

  Error too_long(std::string const& what) const {
    return {Errc::rejected,
            fmt::format("the {} of {} has not ended after {} minutes", what, label_,
                        std::chrono::duration_cast<std::chrono::minutes>(kWaitTotal).count()),
            "it goes on in Qlik Cloud; when it has ended there, run again"};
  }

  // --- tasks ---

  Task<std::map<std::string, std::string>> ids_by_name() {
    std::vector<std::pair<std::string, std::string>> const no_query;
    Paging const paging{.limit = 0, .member = "dataTasks"};
    auto tasks = co_await list_all(operation_.session, project_ + "/di-tasks", no_query, paging);
    if (!tasks) co_return tasks.error();
    std::map<std::string, std::string> out;
    for (auto const& task : *tasks) out.emplace(text_at(task, "name"), text_at(task, "id"));
    co_return out;
  }

  std::string path_of(std::string const& task_id) const {
    return project_ + "/di-tasks/" + encode_segment(task_id) + "/runtime";
  }

  Task<Runtime> runtime_of(std::string task_id) {
    Call call{.verb = Verb::get, .path = path_of(task_id) + "/state", .tier = runtime_tier()};
    auto reply = co_await operation_.session.call(std::move(call));
    if (!reply) co_return reply.error();
    Runtime out;
    auto const* body = reply->body.if_object();
    if (body == nullptr) co_return Error(Errc::protocol, "the state of a task is no object");
    auto const member = [&](std::string_view name) {
      auto const* value = find(*body, name);
      return value != nullptr && value->is_object() ? value->get_object() : Object();
    };
    out.readiness = text_at(member("runReadiness"), "state");
    out.message = text_at(member("runReadiness"), "message");
    out.last_run = text_at(member("lastRun"), "state");
    co_return out;
  }

  Task<void> call_runtime(std::string task_id, std::string action) {
    Call call{.verb = Verb::post, .path = path_of(task_id) + "/actions/" + action};
    auto reply = co_await operation_.session.call(std::move(call));
    if (!reply) co_return reply.error();
    co_return Result<void>();
  }

  /// A task that the project does not have yet cannot be running.
  Task<void> stop(std::vector<std::string> names) {
    auto const ids = co_await ids_by_name();
    if (!ids) co_return ids.error();
    std::vector<std::pair<std::string, std::string>> stopping;
    for (auto const& name : names) {
      auto const found = ids->find(name);
      if (found == ids->end()) continue;
      auto const runtime = co_await runtime_of(found->second);
      if (!runtime) co_return runtime.error();
      if (!runtime->runs()) continue;
      stopping.emplace_back(found->first, found->second);
      if (runtime->last_run == "STOPPING") continue;
      auto stopped = co_await call_runtime(found->second, "stop");
      if (!stopped) co_return stopped.error();
    }
    for (auto const& [name, id] : stopping) {
      auto ended = co_await wait_for_stop(name, id);
      if (!ended) co_return ended.error();
    }
    co_return Result<void>();
  }

  Task<void> wait_for_stop(std::string name, std::string id) {
    Patience patience;
    while (true) {
      auto const runtime = co_await runtime_of(id);
      if (!runtime) co_return runtime.error();
      if (!runtime->runs()) co_return Result<void>();
      operation_.tell(fmt::format("task {}: stopping", visible(name)));
      if (patience.is_over()) co_return too_long("stop of the task " + visible(name));
      auto waited = co_await operation_.session.wait(patience.next());
      if (!waited) co_return waited.error();
    }
  }

  Task<void> start(std::vector<std::string> names) {
    auto const ids = co_await ids_by_name();
    if (!ids) co_return ids.error();
    for (auto const& name : names) {
      auto const found = ids->find(name);
      if (found == ids->end()) co_return no_task(name, *ids);
      auto const runtime = co_await runtime_of(found->second);
      if (!runtime) co_return runtime.error();
      if (runtime->readiness == "ALREADY_RUNNING") continue;
      if (runtime->readiness == "NOT_RUNNABLE") {
        co_return Error(Errc::rejected,
                        fmt::format("the task {} of {} cannot run: {}", visible(name), label_,
                                    visible(runtime->message)),
                        "the package is imported; `prepare: true` makes its tasks ready to run");
      }
      operation_.tell(fmt::format("task {}: starting", visible(name)));
      auto started = co_await call_runtime(found->second, "start");
      if (!started) co_return started.error();
    }
    co_return Result<void>();
  }

  Error no_task(std::string const& name, std::map<std::string, std::string> const& ids) const {
    std::vector<std::string> names;
    for (auto const& [known, id] : ids) names.push_back(known);
    return {
        Errc::not_found,
        fmt::format("{} has no task \"{}\"{}", label_, visible(name), did_you_mean(name, names)),
        "the package is imported; correct `afterImport.start` and run again"};
  }

  Operation const& operation_;
  std::string project_;
  std::string label_;
};

}  // namespace

Task<void> import_package(Operation operation, std::string project, std::string label,
                          FormPart package, AroundImport around) {
  Import import(operation, std::move(project), std::move(label));
  co_return co_await import.run(std::move(package), std::move(around));
}

}  // namespace tenantry::qlik
