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

Object about(run::WaveReport const& wave) {
  Object json{{"wave", wave.name},     {"tenants", wave.tenants}, {"done", wave.done},
              {"failed", wave.failed}, {"guarded", wave.guarded}, {"started", wave.started}};
  if (!wave.stopped_because.empty()) json["stoppedBecause"] = wave.stopped_because;
  return json;
}

Object guard_of(plans::Change const& change) {
  return {{"rule", change.guard->rule},
          {"message", change.guard->message},
          {"acknowledged", change.guard->acknowledged},
          {"digest", plans::digest_of(change)}};
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

EventStream::EventStream(Console& console, Clock& clock)
    : console_(console), clock_(clock), progress_(clock), progress_told_(clock.steady()) {
  write("version", {{"formatVersion", kEventFormat}, {"tenantry", version()}});
}

void EventStream::run_started(std::size_t tenants) {
  progress_.start(phase_, tenants);
  write("run_started", {{"phase", name_of(phase_)}, {"tenants", tenants}});
}

void EventStream::tenant_started(std::string const& tenant) {
  progress_.tenant_started(tenant);
  write("tenant_started", {{"tenant", tenant}, {"phase", name_of(phase_)}});
}

void EventStream::tenant_planned(plans::TenantPlan const& plan) {
  auto const changes = std::ranges::count_if(
      plan.changes, [](auto const& change) { return change.changes_something(); });
  Object event{{"tenant", plan.key}, {"changes", changes}};
  auto const ended = progress_.tenant_ended(plan.key);
  event["durationMs"] = milliseconds_since(ended.since);
  if (plan.error) event["error"] = to_json(*plan.error);
  write("tenant_planned", std::move(event));
}

void EventStream::recovered(Address const& address, std::string const& what) {
  write("recovered", {{"address", address.text()}, {"what", what}});
}

void EventStream::change_started(plans::Change const& change) {
  progress_.change_started(change);
  write("change_started", about(change));
}

void EventStream::change_progress(plans::Change const& change, std::string const& text) {
  auto event = about(change);
  event["text"] = text;
  write("change_progress", std::move(event));
}

void EventStream::change_done(plans::Change const& change) {
  auto event = about(change);
  if (auto const took = progress_.change_ended(change, true)) event["durationMs"] = took->count();
  write("change_done", std::move(event));
}

void EventStream::change_passed(plans::Change const& change) {
  progress_.change_ended(change, true);
  write("change_passed", about(change));
}

void EventStream::change_failed(plans::Change const& change, Error const& error) {
  auto event = about(change);
  if (auto const took = progress_.change_ended(change, false)) event["durationMs"] = took->count();
  event["error"] = to_json(error);
  write("change_failed", std::move(event));
}

void EventStream::secret_delivered(Address const& address, std::string const& where) {
  write("secret_delivered", {{"address", address.text()}, {"sink", where}});
}

void EventStream::wave_started(run::WaveReport const& wave) {
  write("wave_started", {{"wave", wave.name}, {"tenants", wave.tenants}});
}

void EventStream::wave_passed(run::WaveReport const& wave) {
  write("wave_passed", {{"wave", wave.name}});
}

void EventStream::wave_ended(run::WaveReport const& wave) { write("wave_ended", cli::about(wave)); }

void EventStream::tenant_applied(std::string const& tenant) {
  auto const ended = progress_.tenant_ended(tenant);
  write("tenant_applied",
        {{"tenant", tenant},
         {"done", ended.done},
         {"failed", ended.failed},
         {"notBegun", ended.changes - std::min(ended.changes, ended.done + ended.failed)},
         {"durationMs", milliseconds_since(ended.since)}});
}

void EventStream::tenant_refused(std::string const& tenant, Error const& error) {
  progress_.tenant_ended(tenant);
  write("tenant_refused", {{"tenant", tenant}, {"error", to_json(error)}});
}

void EventStream::tick() {
  constexpr std::chrono::seconds kInterval{5};
  auto const now = clock_.steady();
  if (now - progress_told_ < kInterval || progress_.tenants_ended() >= progress_.tenants()) return;
  progress_told_ = now;
  Object event{{"phase", name_of(phase_)},
               {"tenants", progress_.tenants()},
               {"tenantsEnded", progress_.tenants_ended()},
               {"tenantsInWork", progress_.in_work().size()}};
  if (phase_ == Phase::applying) {
    event["changes"] = progress_.changes();
    event["changesEnded"] = progress_.changes_ended();
  }
  event["perSecond"] = progress_.per_second();
  if (auto const left = progress_.time_left()) event["secondsLeft"] = left->count();
  write("progress", std::move(event));
}

Result<void> EventStream::planned(plans::Plan const& plan) {
  progress_.expect(plan);
  plan_ = &plan;
  phase_ = Phase::applying;
  auto const read = plan.tenants.for_each([&](plans::TenantPlan const& tenant) {
    for (auto const& change : tenant.changes) {
      if (!change.changes_something()) continue;
      auto event = about(change);
      event["reason"] = plans::name_of(change.reason);
      if (change.guard) event["guard"] = guard_of(change);
      write("planned_change", std::move(event));
    }
  });
  if (!read) return read;
  Object counts;
  for (auto const& [action, count] : plans::count_actions(plan)) {
    if (action != plans::Action::no_op) counts[plans::name_of(action)] = count;
  }
  Object event{{"tenants", plan.tenants.size()}, {"counts", std::move(counts)}};
  if (plan.shard) {
    event["shard"] = plan.shard->text();
    event["fleetSize"] = plan.fleet_size;
  }
  write("plan", std::move(event));
  return {};
}

void EventStream::stopped(plans::Change const& change) {
  auto event = about(change);
  event["guard"] = guard_of(change);
  write("change_stopped", std::move(event));
}

void EventStream::report(run::ApplyReport const& report, Exit exit) {
  auto event = report_members(report, exit);
  Array unfinished;
  for (auto const& change : report.changes) {
    if (change.status != run::Status::done) unfinished.push_back(to_json(change));
  }
  for (auto const& tenant : report.not_begun) add_not_begun(tenant, unfinished);
  event["unfinished"] = std::move(unfinished);
  write("report", std::move(event));
}

void EventStream::add_not_begun(run::TenantNotBegun const& tenant, Array& unfinished) const {
  ensure(plan_ != nullptr, "a report is of a plan that was told");
  auto const read = plan_->tenants.read(tenant.index);
  // What cannot be read any more is told by the tenant's own address.
  if (!read) {
    unfinished.push_back(Object{{"address", plan_->tenants[tenant.index].key},
                                {"status", key_of(run::Status::never_started)},
                                {"reason", tenant.reason}});
    return;
  }
  for (auto const& change : read->changes) {
    if (!change.changes_something()) continue;
    unfinished.push_back(to_json(run::ChangeReport{
        change.address, change.action, run::Status::never_started, tenant.reason, {}}));
  }
}

void EventStream::failed(Error const& error, Exit exit) {
  write("report", {{"exitCode", static_cast<int>(exit)}, {"error", to_json(error)}});
}

std::int64_t EventStream::milliseconds_since(SteadyTime since) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - since).count();
}

void EventStream::write(std::string_view type, Object members) {
  Object event{{"type", type}, {"time", format_time_millis(clock_.wall())}};
  for (auto& [name, value] : members) event[name] = std::move(value);
  console_.out(with_visible_strings(boost::json::serialize(event)) + '\n');
}

Object EventStream::about(plans::Change const& change) {
  return {{"address", change.address.text()}, {"action", plans::name_of(change.action)}};
}

Object to_json(run::ChangeReport const& change) {
  Object entry{{"address", change.address.text()},
               {"action", plans::name_of(change.action)},
               {"status", key_of(change.status)}};
  if (!change.reason.empty()) entry["reason"] = change.reason;
  if (change.error) entry["error"] = to_json(*change.error);
  return entry;
}

Object report_members(run::ApplyReport const& report, Exit exit) {
  using run::Status;
  Object counts;
  for (auto const status :
       {Status::done, Status::failed, Status::never_started, Status::unknown, Status::stale}) {
    counts[key_of(status)] = report.count(status);
  }
  Object members{{"exitCode", static_cast<int>(exit)},
                 {"interrupted", report.interrupted},
                 {"stoppedByGuard", report.stopped_by_guard},
                 {"counts", std::move(counts)}};
  Array waves;
  for (auto const& wave : report.waves) waves.push_back(about(wave));
  if (!waves.empty()) members["waves"] = std::move(waves);
  return members;
}

}  // namespace tenantry::cli
