#include "engine/run/applier.hpp"

#include <fmt/format.h>

#include "engine/graph/walk.hpp"
#include "engine/run/alias_handover.hpp"
#include "engine/run/change_graph.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/reactivated.hpp"
#include "engine/run/resource_executor.hpp"
#include "engine/run/resource_verification.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/tenant_executor.hpp"
#include "engine/run/wave_gate.hpp"
#include "plans/plan_file.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
using plans::Change;
namespace {

/// Intents that may be open at once in one tenant: few, since each is looked up after a crash.
constexpr std::size_t kOperationsPerTenant = 16;

/// Carries out the plan of one tenant and fills its part of the report.
class TenantApplier {
 public:
  TenantApplier(Context& context, ApplyOptions const& options, OrganizationView& organization,
                plans::TenantPlan const& plan, bool is_whole)
      : context_(context),
        options_(options),
        organization_(organization),
        plan_(plan),
        is_whole_(is_whole) {
    for (auto const& change : plan.changes) {
      if (!change.changes_something()) continue;
      changes_.push_back(&change);
      created_here_ =
          created_here_ || (change.address.is_tenant() && change.action == plans::Action::create);
      reports_.push_back({change.address, change.action, Status::never_started, {}, {}});
    }
  }

  asio::awaitable<void> run() {
    if (plan_.stopped_by_guard()) {
      skip_all("a guard stops this tenant");
      context_.observer.tenant_refused(plan_.key, Error(Errc::guard, "a guard stops this tenant"));
      co_return;
    }
    auto prepared = co_await prepare();
    if (!prepared) {
      refuse_all(prepared.error());
      context_.observer.tenant_refused(plan_.key, prepared.error());
      co_return;
    }
    if (is_planned_again()) {
      co_await reactivate_first();
    } else {
      co_await walk_changes(changes_);
    }
    auto noted = co_await note_applied();
    if (!noted) journal_failure_ = noted.error();
    context_.observer.tenant_applied(plan_.key);
  }

  /// Instead of run(): nothing is begun.
  void leave_out(std::string const& reason) { skip_all(reason); }

  TenantEnd end() const {
    auto const is = [](Status status) {
      return [status](ChangeReport const& report) { return report.status == status; };
    };
    if (plan_.stopped_by_guard()) return TenantEnd::guarded;
    if (failed_as_a_whole()) return TenantEnd::failed;
    if (std::ranges::all_of(reports_, is(Status::done))) return TenantEnd::done;
    for (auto const status : {Status::failed, Status::unknown, Status::stale}) {
      if (std::ranges::any_of(reports_, is(status))) return TenantEnd::failed;
    }
    return context_.stop.requested() ? TenantEnd::left : TenantEnd::failed;
  }

  std::vector<ChangeReport> take_reports() { return std::move(reports_); }
  /// The tenant was locked by others, or the state could not be written.
  bool failed_as_a_whole() const { return refused_ || journal_failure_.has_value(); }
  std::optional<Error> const& journal_failure() const { return journal_failure_; }

 private:
  void skip_all(std::string const& reason) {
    for (auto& report : reports_) report.reason = reason;
  }

  void refuse_all(Error const& error) {
    refused_ = error.code != Errc::stale;
    for (auto& report : reports_) {
      report.status = error.code == Errc::stale ? Status::stale : Status::never_started;
      report.reason = error.message;
      report.error = error;
    }
  }

  Task<void> prepare() {
    if (options_.locks == nullptr || !options_.locks->contains(plan_.key)) {
      auto lock = co_await context_.store.lock(plan_.key, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      lock_ = std::move(*lock);
    }
    auto const& former = plan_.former_key();
    if (former != plan_.key && (options_.locks == nullptr || !options_.locks->contains(former))) {
      auto lock = co_await context_.store.lock(former, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      former_lock_ = std::move(*lock);
    }
    auto state = co_await context_.store.load(former);
    if (!state) co_return state.error();
    if (state->serial != plan_.serial || !state->open.empty()) {
      co_return Error(
          Errc::stale,
          fmt::format("the state of {} moved on since the plan was made (serial {}, now {})",
                      former, plan_.serial, state->serial),
          "plan again");
    }
    if (!plan_.moves.empty()) {
      auto moved = co_await store_moves(context_.store, std::move(*state), plan_.moves,
                                        options_.run.id, format_time(context_.clock.wall()));
      if (!moved) co_return moved.error();
      state = co_await context_.store.load(plan_.key);
      if (!state) co_return state.error();
    }
    if (!plan_.learned.empty()) {
      auto stored = co_await context_.store.put(plan_.key, plan_.learned, {});
      if (!stored) co_return stored.error();
      state = co_await context_.store.load(plan_.key);
      if (!state) co_return state.error();
    }
    find_declared();
    runtime_.emplace(context_, options_, organization_, plan_, declared_ ? &*declared_ : nullptr,
                     std::move(*state));
    co_return Result<void>();
  }

  void find_declared() {
    auto const* summary = declared_tenant(context_.configuration, plan_.key);
    if (summary != nullptr && !summary->paused) {
      declared_ = context_.configuration.expand(plan_.key);
    }
  }

  bool is_planned_again() const {
    auto const reactivates = [](auto const* c) { return c->action == plans::Action::reactivate; };
    return options_.planning && options_.planning->refresh == Refresh::live &&
           std::ranges::any_of(changes_, reactivates);
  }

  /// What is in a deactivated tenant was planned from state alone: it is looked at as soon as the
  /// tenant answers, and what then differs from what was approved is not done.
  asio::awaitable<void> reactivate_first() {
    std::vector<Change const*> first, then;
    for (auto const* change : changes_)
      (change->address.is_tenant() ? first : then).push_back(change);
    co_await walk_changes(first);
    if (report_of(*first.front()).status != Status::done) {
      for (auto const* change : then) report_of(*change).reason = "something it depends on failed";
      co_return;
    }
    if (then.empty() || context_.stop.requested()) {
      for (auto const* change : then) report_of(*change).reason = "stopped";
      co_return;
    }
    auto prepared = co_await plan_again();
    if (!prepared) {
      for (auto const* change : then) {
        report_of(*change).status = Status::failed;
        report_of(*change).error = prepared.error();
        context_.observer.change_failed(*change, prepared.error());
      }
      co_return;
    }
    std::vector<Change const*> changes;
    for (auto const* approved : then) {
      auto const* now = seen_again(*approved);
      if (now != nullptr) changes.push_back(now);
    }
    co_await walk_changes(changes);
  }

  Task<void> plan_again() {
    auto planned = co_await plan_reactivated(context_, *options_.planning, organization_, plan_);
    if (!planned) co_return planned.error();
    planned_again_ = std::move(*planned);
    if (!planned_again_->learned.empty()) {
      auto stored = co_await context_.store.put(plan_.key, planned_again_->learned, {});
      if (!stored) co_return stored.error();
    }
    auto state = co_await context_.store.load(plan_.key);
    if (!state) co_return state.error();
    runtime_.emplace(context_, options_, organization_, *planned_again_,
                     declared_ ? &*declared_ : nullptr, std::move(*state));
    co_return Result<void>();
  }

  /// What is to be done of `approved` now that the tenant was looked at; null: nothing, which its
  /// report then tells.
  Change const* seen_again(Change const& approved) {
    auto& report = report_of(approved);
    auto const& changes = planned_again_->changes;
    auto const now = std::ranges::find(changes, approved.address, &Change::address);
    if (now == changes.end() || !now->changes_something()) {
      report.status = Status::done;
      context_.observer.change_done(approved);
      return nullptr;
    }
    if (is_within(approved, *now)) return &*now;
    report.status = Status::stale;
    report.error = Error(Errc::stale,
                         fmt::format("{}: {} was planned, and now that the tenant answers it is {}",
                                     approved.address.text(), plans::name_of(approved.action),
                                     plans::name_of(now->action)),
                         "plan again");
    context_.observer.change_failed(approved, *report.error);
    return nullptr;
  }

  asio::awaitable<void> walk_changes(std::vector<Change const*> changes) {
    auto const graph = order_changes(changes, runtime_->state(), context_.provider);
    if (auto const cycle = graph.cycle()) {
      refuse_all(Error(Errc::internal, "the order of the changes has a cycle at " +
                                           changes[cycle->front()]->address.text()));
      co_return;
    }
    graph::Visitor const visitor = [&](std::size_t node) { return visit(*changes[node]); };
    auto const status =
        co_await graph::walk(graph, visitor, std::min(kOperationsPerTenant, options_.parallelism));
    for (std::size_t i = 0; i < status.size(); ++i) {
      if (status[i] != graph::NodeStatus::skipped) continue;
      report_of(*changes[i]).reason =
          context_.stop.requested() ? "stopped" : "something it depends on failed";
    }
  }

  ChangeReport& report_of(Change const& change) {
    return *std::ranges::find(reports_, change.address, &ChangeReport::address);
  }

  asio::awaitable<graph::Visit> visit(Change const& change) {
    auto& report = report_of(change);
    if (context_.stop.requested() || journal_failure_) {
      report.reason = journal_failure_ ? "the state could not be written" : "stopped";
      co_return graph::Visit::failed;
    }
    auto verified = co_await verify(change);
    if (!verified) {
      report.status = verified.error().code == Errc::stale ? Status::stale : Status::failed;
      report.error = verified.error();
      context_.observer.change_failed(change, verified.error());
      co_return graph::Visit::failed;
    }
    context_.observer.change_started(change);
    auto ending = co_await execute(change);
    if (!ending) {
      // The journal itself failed: the call may have been made, so nothing more is started.
      journal_failure_ = ending.error();
      ending = Ending{Status::unknown, ending.error()};
    }
    report.status = ending->status;
    report.error = ending->error;
    if (ending->status == Status::done) {
      context_.observer.change_done(change);
      co_return graph::Visit::succeeded;
    }
    if (ending->status == Status::never_started) report.reason = "stopped";
    context_.observer.change_failed(change, *ending->error);
    co_return graph::Visit::failed;
  }

  Task<void> verify(Change const& change) {
    // Nobody has looked whether it is there: the plan was made from state alone.
    bool const looks = !runtime_->refreshed() && !created_here_ && !change.address.is_tenant() &&
                       change.action == plans::Action::create;
    if (!options_.verify_before_call && looks)
      co_return co_await verify_resource(*runtime_, change);
    if (!options_.verify_before_call) co_return Result<void>();
    auto const& schema = change.address.is_tenant()
                             ? context_.provider.tenant().schema()
                             : context_.provider.find(change.address.section)->schema();
    auto checked = plans::check_change(schema, change);
    if (!checked) co_return checked.error();
    if (created_here_ && !change.address.is_tenant()) co_return Result<void>();  // nothing is there
    if (change.address.is_tenant()) co_return co_await verify_tenant(*runtime_, change);
    co_return co_await verify_resource(*runtime_, change);
  }

  Task<Ending> execute(Change const& change) {
    if (change.address.is_tenant()) co_return co_await execute_tenant(*runtime_, change);
    co_return co_await execute_resource(*runtime_, change);
  }

  Task<void> note_applied() {
    bool const all_done =
        std::ranges::all_of(reports_, [](auto const& r) { return r.status == Status::done; });
    if (!all_done || !is_whole_ || plan_.partial || plan_.config_digest.empty()) {
      co_return Result<void>();
    }
    co_return co_await context_.store.mark_applied(plan_.key, plan_.config_digest,
                                                   format_time(context_.clock.wall()));
  }

  Context& context_;
  ApplyOptions const& options_;
  OrganizationView& organization_;
  plans::TenantPlan const& plan_;
  bool is_whole_;  ///< once all is done, the tenant is as its configuration wants it
  std::vector<Change const*> changes_;
  std::vector<ChangeReport> reports_;
  std::unique_ptr<state::TenantLock> lock_;
  std::unique_ptr<state::TenantLock> former_lock_;  ///< of a tenant that goes by another key now
  std::optional<config::Tenant> declared_;
  std::optional<plans::TenantPlan> planned_again_;  ///< once a reactivated tenant answers
  std::optional<TenantRuntime> runtime_;
  std::optional<Error> journal_failure_;
  bool refused_ = false;
  bool created_here_ = false;  ///< the tenant is made by this plan
};

bool has_work(plans::TenantPlan const& plan) {
  return !plan.error && !plan.paused && (plan.has_changes() || !plan.learned.empty());
}

/// What a fleet's workers share.
struct Fleet {
  Context& context;
  ApplyOptions const& options;
  OrganizationView organization;
  bool is_whole;  ///< the plan leaves out nothing that the configuration wants
  std::vector<plans::TenantPlan const*> tenants;
  std::vector<std::vector<ChangeReport>> reports;
  WaveGate gate;
  bool some_failed = false;
};

asio::awaitable<void> apply_tenant(Fleet& fleet, std::size_t index) {
  auto const& plan = *fleet.tenants[index];
  TenantApplier applier(fleet.context, fleet.options, fleet.organization, plan, fleet.is_whole);
  if (fleet.gate.is_open()) {
    fleet.context.observer.tenant_started(plan.key);
    co_await applier.run();
    co_await fleet.gate.ended(plan, applier.end());
    fleet.some_failed = fleet.some_failed || applier.failed_as_a_whole();
  } else {
    applier.leave_out(fleet.gate.reason(plan));
  }
  fleet.reports[index] = applier.take_reports();
}

/// All tenants of a step that have work: begun, or reported as never begun.
asio::awaitable<void> apply_step(Fleet& fleet, std::size_t step) {
  bool const entered = co_await fleet.gate.enter(step);
  auto const& indexes = fleet.gate.steps()[step];
  std::vector<plans::TenantPlan const*> tenants;
  for (auto const index : indexes) tenants.push_back(fleet.tenants[index]);
  SideBySide const crew{.tenants = fleet.options.parallelism,
                        .idle_calls = fleet.options.idle_calls};
  for (auto const& round : handover_rounds(tenants)) {
    auto const apply_one = [&](std::size_t i) { return apply_tenant(fleet, indexes[round[i]]); };
    co_await side_by_side(fleet.context.clock, crew, round.size(), apply_one);
  }
  if (entered) fleet.gate.leave();
}

/// Tenants that are as their configuration wants them without a change, which the state does not
/// say yet: it is noted, side by side, so that they share commits. They must be locked: then their
/// state is still the one that was planned from.
Task<void> mark_unchanged(Context& context, plans::Plan const& plan, ApplyOptions const& options) {
  std::vector<plans::TenantPlan const*> tenants;
  for (auto const& tenant : plan.tenants) {
    bool const is_ours = options.locks != nullptr && options.locks->contains(tenant.key);
    bool const is_planned = !tenant.error && !tenant.paused && !tenant.partial && !has_work(tenant);
    bool const is_missing = !tenant.config_digest.empty() && !tenant.is_marked_applied;
    if (is_ours && is_planned && is_missing) tenants.push_back(&tenant);
  }
  auto const now = format_time(context.clock.wall());
  std::optional<Error> failure;
  auto const mark = [&](std::size_t index) -> asio::awaitable<void> {
    if (failure) co_return;
    auto const& tenant = *tenants[index];
    auto marked = co_await context.store.mark_applied(tenant.key, tenant.config_digest, now);
    if (!marked) failure = marked.error();
  };
  co_await side_by_side(context.clock, {.tenants = options.parallelism}, tenants.size(), mark);
  if (failure) co_return *failure;
  co_return Result<void>();
}

}  // namespace

Task<ApplyReport> apply_plan(Context& context, plans::Plan const& plan, ApplyOptions options) {
  if (plan.lineage != context.store.info().lineage) {
    co_return Error(Errc::stale, "the plan was made from another state",
                    "use the state that the plan was made from, or plan again");
  }
  auto begun = co_await context.store.begin_run(options.run);
  if (!begun) co_return begun.error();
  bool const is_whole = !plan.destroy && !plan.refresh_only && !plan.adopt_only;
  if (is_whole) {
    auto marked = co_await mark_unchanged(context, plan, options);
    if (!marked) co_return marked.error();
  }
  ApplyReport report;
  std::vector<plans::TenantPlan const*> tenants;
  for (auto const& tenant : plan.tenants) {
    report.some_tenant_failed = report.some_tenant_failed || tenant.error.has_value();
    report.stopped_by_guard = report.stopped_by_guard || tenant.stopped_by_guard();
    if (has_work(tenant)) tenants.push_back(&tenant);
  }
  Fleet fleet{context,
              options,
              OrganizationView(context),
              is_whole,
              tenants,
              std::vector<std::vector<ChangeReport>>(tenants.size()),
              WaveGate(context.store, context.observer, context.stop, plan, options, tenants)};
  context.observer.run_started(fleet.tenants.size());
  for (std::size_t step = 0; step < fleet.gate.steps().size(); ++step) {
    co_await apply_step(fleet, step);
  }
  for (auto& part : fleet.reports) {
    report.changes.insert(report.changes.end(), std::make_move_iterator(part.begin()),
                          std::make_move_iterator(part.end()));
  }
  report.waves = fleet.gate.take_reports();
  report.some_tenant_failed = report.some_tenant_failed || fleet.some_failed || fleet.gate.broken();
  report.interrupted = context.stop.requested();
  co_return report;
}

}  // namespace tenantry::run
