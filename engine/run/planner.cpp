#include "engine/run/planner.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/run/alias_handover.hpp"
#include "engine/run/foreign_aliases.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/shared_limits.hpp"
#include "engine/run/side_by_side.hpp"
#include "engine/run/tenant_planner.hpp"
#include "engine/run/unmanaged.hpp"
#include "engine/run/waves.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

/// Tenants of the configuration and of the state, sorted.
Task<std::vector<std::string>> fleet_keys(Context& context) {
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  std::set<std::string> keys(known->begin(), known->end());
  for (auto const& summary : context.configuration.tenants()) keys.insert(summary.key);
  std::erase_if(keys, [&](auto const& key) { return is_moved_away(context.configuration, key); });
  co_return std::vector<std::string>(keys.begin(), keys.end());
}

bool may_mean(std::string const& pattern, std::string const& tenant) {
  return glob_matches(pattern.substr(0, pattern.find('/')), tenant);
}

/// Which patterns fit something that the plan does not list.
void note_fitting(PlanOptions const& options, std::set<std::string>& fitting, auto const& fits) {
  for (auto const* patterns : {&options.selection.targets, &options.replace, &options.rotate}) {
    for (auto const& pattern : *patterns) {
      if (!fitting.contains(pattern) && fits(pattern)) fitting.insert(pattern);
    }
  }
}

bool is_listed(plans::Change const& change) {
  return plans::is_shown(change) || change.reason != plans::Reason::none;
}

/// Leaves in `plan` what is shown or done, and counts the rest.
Result<void> count_unchanged(PlanOptions const& options, plans::TenantPlan& plan,
                             std::set<std::string>& fitting) {
  auto const rest = std::ranges::stable_partition(plan.changes, is_listed);
  note_fitting(options, fitting, [&](std::string const& pattern) {
    return std::ranges::any_of(rest, [&](auto const& c) { return selects(pattern, c.address); });
  });
  std::vector<plans::Change> unchanged(std::make_move_iterator(rest.begin()),
                                       std::make_move_iterator(rest.end()));
  plan.changes.erase(rest.begin(), rest.end());
  plan.changes.shrink_to_fit();
  plan.unchanged = unchanged.size();
  if (!unchanged.empty() && unchanged.front().address.is_tenant()) {
    plan.is_itself_unchanged = true;
    --plan.unchanged;
  }
  if (options.unchanged_sink == nullptr) return {};
  return options.unchanged_sink->add(plan.key, std::move(unchanged));
}

/// A tenant of which nothing is to be done or noted need not be held until the end of the run.
void give_back_lock(PlanOptions const& options, plans::TenantPlan const& plan) {
  bool const is_idle = !plan.error && !plan.has_changes() && plan.learned.empty() &&
                       (plan.is_marked_applied || plan.config_digest.empty());
  if (options.locks != nullptr && is_idle) options.locks->erase(plan.key);
}

/// Counts what is only to be counted, and notes which patterns meant it.
Result<void> settle(PlanOptions const& options, plans::TenantPlan& plan,
                    std::set<std::string>& fitting) {
  if (plan.passed_over) {
    note_fitting(options, fitting,
                 [&](std::string const& pattern) { return may_mean(pattern, plan.key); });
    return {};
  }
  if (options.unchanged == Unchanged::listed) return {};
  return count_unchanged(options, plan, fitting);
}

}  // namespace

Task<plans::Plan> make_plan(Context& context, PlanOptions options) {
  auto const waves = WaveFilter::of(context.configuration, options.selection.waves);
  if (!waves) co_return waves.error();
  auto keys = co_await fleet_keys(context);
  if (!keys) co_return keys.error();
  auto const fleet_size = keys->size();
  std::erase_if(*keys, [&](auto const& key) {
    return !options.selection.includes_tenant(key) || !waves->includes(key);
  });
  context.observer.run_started(keys->size());
  plans::Plan plan;
  plan.created_at = format_time(context.clock.wall());
  plan.lineage = context.store.info().lineage;
  plan.destroy = options.destroy;
  plan.refresh_only = options.refresh_only;
  plan.adopt_only = options.adopt_only;
  plan.shard = options.selection.shard;
  plan.fleet_size = fleet_size;
  plan.tenants = plans::TenantPlans(keys->size());
  std::map<std::size_t, std::vector<Diagnostic>> warnings;  // told in the order of tenants
  OrganizationView organization(context);
  SideBySide crew{.tenants = options.parallelism};
  // Without a network there are no calls to keep busy.
  if (options.refresh == Refresh::live) crew.idle_calls = options.idle_calls;
  std::optional<Error> failure;  // of the whole
  auto const plan_one = [&](std::size_t index) -> asio::awaitable<void> {
    if (context.stop.requested() || failure) co_return;
    context.observer.tenant_started((*keys)[index]);
    auto planned = co_await plan_tenant(context, options, organization, (*keys)[index]);
    context.observer.tenant_planned(planned);
    auto settled = settle(options, planned, plan.fitting);
    if (!settled) failure = settled.error();
    give_back_lock(options, planned);
    if (!planned.warnings.empty()) warnings[index] = std::exchange(planned.warnings, {});
    auto const kept = plan.tenants.put(index, planned);
    if (!kept) failure = kept.error();
  };
  co_await side_by_side(context.clock, std::move(crew), keys->size(), plan_one);
  plan.passed_over = plan.tenants.drop_passed_over();
  for (auto& [index, of_tenant] : warnings) {
    for (auto& warning : of_tenant) plan.warnings.add(std::move(warning));
  }
  if (context.stop.requested())
    co_return Error(Errc::cancelled, "stopped before the plan was made");
  if (failure) co_return *failure;
  auto in_state = co_await context.store.tenants();
  if (!in_state) co_return in_state.error();
  assign_waves(plan, context.configuration, *in_state);
  auto const noted = note_handovers(plan);
  if (!noted) co_return noted.error();
  auto const aliases = co_await refuse_foreign_aliases(context, plan);
  if (!aliases) co_return aliases.error();
  if (options.show_unmanaged) {
    auto found = co_await unmanaged_tenants(context, organization);
    if (!found) co_return found.error();
    plan.unmanaged = std::move(*found);
  }
  auto const limits = co_await limits_of(context, plan);
  if (!limits) co_return limits.error();
  plans::GuardInput const guards{.limits = *limits,
                                 .acknowledged = options.acknowledged,
                                 .allow_deactivate = options.allow_deactivate,
                                 .empty_configuration = context.configuration.tenants().empty()};
  auto const guarded = plans::apply_guards(plan, guards);
  if (!guarded) co_return guarded.error();
  auto const foreseen =
      co_await foresee_limits(context, plan, *limits, options.group, options.acknowledged);
  if (!foreseen) co_return foreseen.error();
  co_return plan;
}

}  // namespace tenantry::run
