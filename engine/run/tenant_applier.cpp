#include "engine/run/tenant_applier.hpp"

#include <fmt/format.h>

#include "engine/graph/walk.hpp"
#include "engine/run/change_graph.hpp"
#include "engine/run/earlier_run.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/reactivated.hpp"
#include "engine/run/resource_executor.hpp"
#include "engine/run/resource_verification.hpp"
#include "engine/run/situation.hpp"
#include "engine/run/tenant_executor.hpp"
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
    }
    reports_ = not_begun(plan, {});
    for (std::size_t i = 0; i < reports_.size(); ++i) places_[reports_[i].address] = i;
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
    auto const former = plan_.former_key();
    auto locked = co_await take_locks(former);
    if (!locked) co_return locked.error();
    auto state = co_await load_as_planned(former);
    if (!state) co_return state.error();
    if (!plan_.moves.empty() && !resumed_) {
      Object noted;
      if (!options_.plan_digest.empty()) noted[kPlanContext] = options_.plan_digest;
      auto moved =
          co_await store_moves(context_.store, std::move(*state), plan_.moves, options_.run.id,
                               format_time(context_.clock.wall()), std::move(noted));
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
    auto const* self = state->find({plan_.key, {}, {}});
    auto const known = self != nullptr ? std::optional(*self) : std::nullopt;
    runtime_.emplace(context_, options_, organization_, plan_, declared_ ? &*declared_ : nullptr,
                     std::move(*state));
    // The plan that made the tenant did not know it yet.
    if (resumed_ && known && plan_.id.empty()) runtime_->known_as(known->id, hostname_of(*known));
    co_return Result<void>();
  }

  Task<void> take_locks(std::string former) {
    if (options_.locks == nullptr || !options_.locks->contains(plan_.key)) {
      auto lock = co_await context_.store.lock(plan_.key, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      lock_ = std::move(*lock);
    }
    if (former != plan_.key && (options_.locks == nullptr || !options_.locks->contains(former))) {
      auto lock = co_await context_.store.lock(former, options_.owner, options_.lock_timeout);
      if (!lock) co_return lock.error();
      former_lock_ = std::move(*lock);
    }
    co_return Result<void>();
  }

  /// The state that the plan was made from, or one that only an earlier run of the plan has
  /// changed.
  Task<state::TenantState> load_as_planned(std::string former) {
    auto state = co_await context_.store.load(former);
    if (!state) co_return state.error();
    if (state->serial == plan_.serial && state->open.empty()) co_return state;
    auto const moved_on =
        Error(Errc::stale,
              fmt::format("the state of {} moved on since the plan was made (serial {}, now {})",
                          former, plan_.serial, state->serial),
              "plan again");
    if (options_.plan_digest.empty()) co_return moved_on;
    if (former != plan_.key) state = co_await context_.store.load(plan_.key);
    if (!state) co_return state.error();
    if (!state->open.empty()) {
      co_return Error(
          Errc::stale, fmt::format("an operation of {} has no outcome yet", plan_.key),
          "run `tenantry plan`, which finds out how it ended, and apply this plan again");
    }
    auto done = co_await done_earlier(context_, options_, plan_, *state);
    if (!done) co_return done.error();
    if (!*done) co_return moved_on;
    resume(**done);
    co_return state;
  }

  void resume(std::set<Address> const& done) {
    resumed_ = true;
    for (auto const* change : changes_) {
      if (!done.contains(change->address)) continue;
      report_of(*change).status = Status::done;
      report_of(*change).earlier = true;
      context_.observer.change_passed(*change);
    }
    std::erase_if(changes_, [&](auto const* change) { return done.contains(change->address); });
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

  ChangeReport& report_of(Change const& change) { return reports_[places_.at(change.address)]; }

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
    bool const is_empty = created_here_ && (!resumed_ || is_preset(change));
    if (is_empty && !change.address.is_tenant()) co_return Result<void>();  // nothing is there
    if (change.address.is_tenant()) co_return co_await verify_tenant(*runtime_, change);
    co_return co_await verify_resource(*runtime_, change);
  }

  /// What every tenant has from the start is no sign of somebody else.
  bool is_preset(Change const& change) const {
    auto const* type = context_.provider.find(change.address.section);
    return type != nullptr && type->is_preset(change.after);
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
  std::map<Address, std::size_t> places_;  ///< in reports_
  std::unique_ptr<state::TenantLock> lock_;
  std::unique_ptr<state::TenantLock> former_lock_;  ///< of a tenant that goes by another key now
  std::optional<config::Tenant> declared_;
  std::optional<plans::TenantPlan> planned_again_;  ///< once a reactivated tenant answers
  std::optional<TenantRuntime> runtime_;
  std::optional<Error> journal_failure_;
  bool refused_ = false;
  bool resumed_ = false;       ///< an earlier run of the saved plan has begun with this tenant
  bool created_here_ = false;  ///< the tenant is made by this plan
};

}  // namespace

std::vector<ChangeReport> not_begun(plans::TenantPlan const& plan, std::string const& reason) {
  std::vector<ChangeReport> reports;
  for (auto const& change : plan.changes) {
    if (!change.changes_something()) continue;
    reports.push_back({change.address, change.action, Status::never_started, reason, {}});
  }
  return reports;
}

asio::awaitable<AppliedTenant> apply_tenant_plan(Context& context, ApplyOptions const& options,
                                                 OrganizationView& organization,
                                                 plans::TenantPlan const& plan, bool is_whole) {
  TenantApplier applier(context, options, organization, plan, is_whole);
  co_await applier.run();
  auto const end = applier.end();
  co_return AppliedTenant{end, applier.failed_as_a_whole(), applier.take_reports()};
}

}  // namespace tenantry::run
