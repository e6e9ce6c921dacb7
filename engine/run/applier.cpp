#include "engine/run/applier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/core/text.hpp"
#include "engine/run/alias_handover.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/tenant_applier.hpp"
#include "engine/run/wave_gate.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

bool has_work(plans::TenantSummary const& plan) {
  return !plan.error && !plan.paused && (plan.has_changes() || plan.learns);
}

/// What a fleet's workers share.
struct Fleet {
  Context& context;
  ApplyOptions const& options;
  OrganizationView organization;
  bool is_whole;  ///< the plan leaves out nothing that the configuration wants
  plans::TenantPlans const& plans;
  std::vector<std::size_t> tenants;                ///< indexes in `plans`
  std::vector<std::vector<ChangeReport>> reports;  ///< of each of `tenants`, what is listed
  WaveGate gate;
  AliasGivers alias_givers;         ///< of indexes in `plans`
  std::set<std::size_t> gave = {};  ///< indexes in `plans`: their own change is done
  bool some_failed = false;
  int done = 0;                                          ///< changes
  int done_earlier = 0;                                  ///< of these
  std::map<std::size_t, TenantNotBegun> not_begun = {};  ///< by index in `plans`: only counted
  std::size_t listed_not_begun = 0;                      ///< changes
};

/// Only what is listed stays until the end of the run.
void keep_report(Fleet& fleet, std::size_t index, std::vector<ChangeReport> changes) {
  ApplyReport own;
  for (auto& change : changes) own.add(std::move(change), fleet.options.list_done);
  fleet.done += own.done;
  fleet.done_earlier += own.done_earlier;
  own.changes.shrink_to_fit();
  fleet.reports[index] = std::move(own.changes);
}

/// Nothing of the tenant is begun.
Result<void> leave_tenant(Fleet& fleet, std::size_t index, std::string reason) {
  constexpr std::size_t kListedMax = 1'000;  // changes
  auto const place = fleet.tenants[index];
  auto const changes = fleet.plans[place].changes();
  if (fleet.listed_not_begun > kListedMax && !fleet.options.list_done) {
    fleet.not_begun[place] = {place, changes, std::move(reason)};
    return {};
  }
  auto const plan = fleet.plans.read(place);
  if (!plan) return plan.error();
  fleet.listed_not_begun += changes;
  keep_report(fleet, index, not_begun(*plan, reason));
  return {};
}

/// Why a tenant that takes an alias cannot begin: the other one still has it.
std::optional<Error> missing_alias(Fleet const& fleet, std::size_t index,
                                   plans::TenantPlan const& plan) {
  auto const giver = fleet.alias_givers.find(fleet.tenants[index]);
  if (giver == fleet.alias_givers.end() || fleet.gave.contains(giver->second)) return std::nullopt;
  return Error(Errc::conflict,
               fmt::format("{} still has the alias {}, which {} takes over",
                           fleet.plans[giver->second].key, visible(taken_alias(plan)), plan.key),
               fmt::format("see what became of {}, and run again", fleet.plans[giver->second].key));
}

asio::awaitable<void> refuse_tenant(Fleet& fleet, plans::TenantSummary const& tenant,
                                    Error const& error) {
  fleet.context.observer.tenant_refused(tenant.key, error);
  fleet.some_failed = true;
  co_await fleet.gate.ended(tenant, TenantEnd::failed);
}

asio::awaitable<void> apply_tenant(Fleet& fleet, std::size_t index) {
  auto const& summary = fleet.plans[fleet.tenants[index]];
  // What a stop leaves is not even looked at: there may be a hundred thousand of them.
  if (!fleet.gate.is_open() || fleet.context.stop.requested()) {
    auto const left = leave_tenant(
        fleet, index, fleet.gate.is_open() ? std::string("stopped") : fleet.gate.reason(summary));
    if (!left) co_await refuse_tenant(fleet, summary, left.error());
    co_return;
  }
  auto const plan = fleet.plans.read(fleet.tenants[index]);
  if (!plan) co_return co_await refuse_tenant(fleet, summary, plan.error());
  if (auto const missing = missing_alias(fleet, index, *plan)) {
    keep_report(fleet, index, not_begun(*plan, missing->message));
    fleet.context.observer.tenant_refused(summary.key, *missing);
    auto const end = fleet.context.stop.requested() ? TenantEnd::left : TenantEnd::failed;
    co_return co_await fleet.gate.ended(summary, end);
  }
  fleet.context.observer.tenant_started(summary.key);
  auto applied = co_await apply_tenant_plan(fleet.context, fleet.options, fleet.organization, *plan,
                                            fleet.is_whole);
  co_await fleet.gate.ended(summary, applied.end);
  fleet.some_failed = fleet.some_failed || applied.failed_as_a_whole;
  bool const gave = std::ranges::any_of(applied.reports, [](auto const& report) {
    return report.address.is_tenant() && report.status == Status::done;
  });
  if (gave) fleet.gave.insert(fleet.tenants[index]);
  keep_report(fleet, index, std::move(applied.reports));
}

/// All tenants of a step that have work: begun, or reported as never begun.
Task<void> apply_step(Fleet& fleet, std::size_t step) {
  bool const entered = co_await fleet.gate.enter(step);
  std::map<std::size_t, std::size_t> place;  // in fleet.tenants, of an index in the plan
  std::vector<std::size_t> tenants;
  for (auto const index : fleet.gate.steps()[step]) {
    place[fleet.tenants[index]] = index;
    tenants.push_back(fleet.tenants[index]);
  }
  auto const rounds = handover_rounds(fleet.plans, tenants);
  if (!rounds) co_return rounds.error();
  SideBySide const crew{.tenants = fleet.options.parallelism,
                        .idle_calls = fleet.options.idle_calls};
  for (auto const& round : *rounds) {
    auto const apply_one = [&](std::size_t i) { return apply_tenant(fleet, place.at(round[i])); };
    co_await side_by_side(fleet.context.clock, crew, round.size(), apply_one);
  }
  if (entered) fleet.gate.leave();
  co_return Result<void>();
}

/// Tenants that are as their configuration wants them without a change, which the state does not
/// say yet: it is noted, side by side, so that they share commits. They must be locked: then their
/// state is still the one that was planned from.
Task<void> mark_unchanged(Context& context, plans::Plan const& plan, ApplyOptions const& options) {
  std::vector<std::size_t> tenants;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    auto const& tenant = plan.tenants[i];
    bool const is_ours = options.locks != nullptr && options.locks->contains(tenant.key);
    bool const is_planned = !tenant.error && !tenant.paused && !tenant.partial && !has_work(tenant);
    bool const is_missing = tenant.configured && !tenant.is_marked_applied;
    if (is_ours && is_planned && is_missing) tenants.push_back(i);
  }
  auto const now = format_time(context.clock.wall());
  std::optional<Error> failure;
  auto const mark = [&](std::size_t index) -> asio::awaitable<void> {
    if (failure) co_return;
    auto const tenant = plan.tenants.read(tenants[index]);
    if (!tenant) {
      failure = tenant.error();
      co_return;
    }
    auto marked = co_await context.store.mark_applied(tenant->key, tenant->config_digest, now);
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
  std::vector<std::size_t> tenants;
  std::vector<plans::TenantSummary const*> summaries;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    auto const& tenant = plan.tenants[i];
    report.some_tenant_failed = report.some_tenant_failed || tenant.error.has_value();
    report.stopped_by_guard = report.stopped_by_guard || tenant.stopped_by_guard();
    if (!has_work(tenant)) continue;
    tenants.push_back(i);
    summaries.push_back(&tenant);
  }
  auto givers = alias_givers(plan.tenants, tenants);
  if (!givers) co_return givers.error();
  Fleet fleet{context,
              options,
              OrganizationView(context),
              is_whole,
              plan.tenants,
              tenants,
              std::vector<std::vector<ChangeReport>>(tenants.size()),
              WaveGate(context.store, context.observer, context.stop, plan, options, summaries),
              std::move(*givers)};
  context.observer.run_started(fleet.tenants.size());
  for (std::size_t step = 0; step < fleet.gate.steps().size(); ++step) {
    auto const applied = co_await apply_step(fleet, step);
    if (!applied) co_return applied.error();
  }
  report.done = fleet.done;
  report.done_earlier = fleet.done_earlier;
  for (auto& part : fleet.reports) {
    std::ranges::move(part, std::back_inserter(report.changes));
    part = {};
  }
  for (auto& [place, tenant] : fleet.not_begun) report.not_begun.push_back(std::move(tenant));
  report.waves = fleet.gate.take_reports();
  report.some_tenant_failed = report.some_tenant_failed || fleet.some_failed || fleet.gate.broken();
  report.interrupted = context.stop.requested();
  co_return report;
}

}  // namespace tenantry::run
