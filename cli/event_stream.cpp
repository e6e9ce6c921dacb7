#include "cli/event_stream.hpp"

#include "cli/version.hpp"
#include "engine/core/characters.hpp"

namespace tenantry::cli {
namespace {

/// "never_started": a word that can be a key.
std::string key_of(run::Status status) {
  std::string key(run::name_of(status));
  std::ranges::replace(key, ' ', '_');
  return key;
}

}  // namespace

Object to_json(Error const& error) {
  Object json{{"code", name_of(error.code)}, {"message", error.message}};
  if (!error.hint.empty()) json["hint"] = error.hint;
  if (!error.request.empty()) json["request"] = error.request;
  if (error.api) {
    json["status"] = error.api->status;
    if (!error.api->code.empty()) json["apiCode"] = error.api->code;
    if (!error.api->title.empty()) json["title"] = error.api->title;
    if (!error.api->detail.empty()) json["detail"] = error.api->detail;
    if (!error.api->trace_id.empty()) json["traceId"] = error.api->trace_id;
  }
  return json;
}

EventStream::EventStream(Console& console, Clock& clock) : console_(console), clock_(clock) {
  write("version", {{"formatVersion", kEventFormat}, {"tenantry", version()}});
}

void EventStream::run_started(std::size_t tenants) { write("run_started", {{"tenants", tenants}}); }

void EventStream::tenant_planned(plans::TenantPlan const& plan) {
  auto const changes = std::ranges::count_if(
      plan.changes, [](auto const& change) { return change.changes_something(); });
  Object event{{"tenant", plan.key}, {"changes", changes}};
  if (plan.error) event["error"] = to_json(*plan.error);
  write("tenant_planned", std::move(event));
}

void EventStream::recovered(Address const& address, std::string const& what) {
  write("recovered", {{"address", address.text()}, {"what", what}});
}

void EventStream::change_started(plans::Change const& change) {
  running_[change.address] = clock_.steady();
  write("change_started", about(change));
}

void EventStream::change_progress(plans::Change const& change, std::string const& text) {
  auto event = about(change);
  event["text"] = text;
  write("change_progress", std::move(event));
}

void EventStream::change_done(plans::Change const& change) {
  auto event = about(change);
  auto const started = running_.find(change.address);
  if (started != running_.end()) {
    auto const took = clock_.steady() - started->second;
    event["durationMs"] = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    running_.erase(started);
  }
  write("change_done", std::move(event));
}

void EventStream::change_failed(plans::Change const& change, Error const& error) {
  running_.erase(change.address);
  auto event = about(change);
  event["error"] = to_json(error);
  write("change_failed", std::move(event));
}

void EventStream::secret_delivered(Address const& address, std::string const& where) {
  write("secret_delivered", {{"address", address.text()}, {"sink", where}});
}

void EventStream::tenant_applied(std::string const& tenant) {
  write("tenant_applied", {{"tenant", tenant}});
}

void EventStream::planned(plans::Plan const& plan) {
  for (auto const& tenant : plan.tenants) {
    for (auto const& change : tenant.changes) {
      if (!change.changes_something()) continue;
      auto event = about(change);
      event["reason"] = plans::name_of(change.reason);
      if (change.guard) {
        event["guard"] = Object{{"rule", change.guard->rule},
                                {"message", change.guard->message},
                                {"acknowledged", change.guard->acknowledged},
                                {"digest", plans::digest_of(change)}};
      }
      write("planned_change", std::move(event));
    }
  }
  Object counts;
  for (auto const& [action, count] : plans::count_actions(plan)) {
    if (action != plans::Action::no_op) counts[plans::name_of(action)] = count;
  }
  write("plan", {{"tenants", plan.tenants.size()}, {"counts", counts}});
}

void EventStream::report(run::ApplyReport const& report, Exit exit) {
  using run::Status;
  Object counts;
  for (auto const status :
       {Status::done, Status::failed, Status::never_started, Status::unknown, Status::stale}) {
    counts[key_of(status)] = report.count(status);
  }
  Array unfinished;
  for (auto const& change : report.changes) {
    if (change.status == Status::done) continue;
    Object entry{{"address", change.address.text()},
                 {"action", plans::name_of(change.action)},
                 {"status", key_of(change.status)}};
    if (!change.reason.empty()) entry["reason"] = change.reason;
    if (change.error) entry["error"] = to_json(*change.error);
    unfinished.push_back(std::move(entry));
  }
  write("report", {{"exitCode", static_cast<int>(exit)},
                   {"interrupted", report.interrupted},
                   {"stoppedByGuard", report.stopped_by_guard},
                   {"counts", counts},
                   {"unfinished", unfinished}});
}

void EventStream::failed(Error const& error, Exit exit) {
  write("report", {{"exitCode", static_cast<int>(exit)}, {"error", to_json(error)}});
}

void EventStream::write(std::string_view type, Object members) {
  Object event{{"type", type}, {"time", format_time_millis(clock_.wall())}};
  for (auto& [name, value] : members) event[name] = std::move(value);
  console_.out(with_visible_strings(boost::json::serialize(event)) + '\n');
}

Object EventStream::about(plans::Change const& change) {
  return {{"address", change.address.text()}, {"action", plans::name_of(change.action)}};
}

}  // namespace tenantry::cli
