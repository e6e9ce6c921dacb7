#include "engine/run/planner.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>

#include "engine/core/concurrency.hpp"
#include "engine/run/alias_handover.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/tenant_planner.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

/// Tenants of the configuration and of the state that the selection means, sorted.
Task<std::vector<std::string>> tenant_keys(Context& context, Selection const& selection) {
  auto known = co_await context.store.tenants();
  if (!known) co_return known.error();
  std::set<std::string> keys(known->begin(), known->end());
  for (auto const& summary : context.configuration.tenants()) keys.insert(summary.key);
  std::erase_if(keys, [&](auto const& key) {
    return !selection.includes_tenant(key) || is_moved_away(context.configuration, key);
  });
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

/// What the workers of one plan share.
struct Planning {
  Context& context;
  PlanOptions const& options;
  OrganizationView organization;
  std::vector<std::string> keys;
  std::vector<plans::TenantPlan> tenants;  ///< one for each key
  std::set<std::string> fitting = {};
  std::size_t next = 0;
  std::optional<Error> failure = {};  ///< of the whole
};

void settle(Planning& planning, plans::TenantPlan& plan) {
  auto const& options = planning.options;
  if (plan.passed_over) {
    note_fitting(options, planning.fitting,
                 [&](std::string const& pattern) { return may_mean(pattern, plan.key); });
  } else if (options.unchanged == Unchanged::counted) {
    auto counted = count_unchanged(options, plan, planning.fitting);
    if (!counted && !planning.failure) planning.failure = counted.error();
  }
}

/// A worker takes the next tenant until none is left, so that memory is bounded by the tenants in
/// work, not by the fleet.
asio::awaitable<void> plan_next(Planning& planning) {
  auto& context = planning.context;
  while (planning.next < planning.keys.size() && !context.stop.requested() && !planning.failure) {
    auto const index = planning.next++;
    auto plan = co_await plan_tenant(context, planning.options, planning.organization,
                                     planning.keys[index]);
    context.observer.tenant_planned(plan);
    settle(planning, plan);
    planning.tenants[index] = std::move(plan);
  }
}

std::int64_t count_resources(plans::Plan const& plan) {
  std::int64_t count = 0;
  for (auto const& tenant : plan.tenants) {
    count += std::ranges::count_if(tenant.changes, [](auto const& c) {
      return !c.address.is_tenant() && c.action != plans::Action::create;
    });
    count += static_cast<std::int64_t>(tenant.unchanged);
  }
  return count;
}

plans::GuardInput guard_input(Context& context, PlanOptions const& options, plans::Plan const& plan,
                              std::size_t tenants_in_state) {
  auto const& policy = context.configuration.policy();
  auto const& declared = context.configuration.tenants();
  auto const tenants = static_cast<std::int64_t>(std::max(declared.size(), tenants_in_state));
  plans::GuardInput input;
  if (policy.max_creates) input.limits.creates_max = policy.max_creates->allowed(tenants);
  if (policy.max_deactivates)
    input.limits.deactivates_max = policy.max_deactivates->allowed(tenants);
  if (policy.max_deletes) {
    input.limits.deletes_max = policy.max_deletes->allowed(count_resources(plan));
  }
  input.acknowledged = options.acknowledged;
  input.allow_deactivate = options.allow_deactivate;
  input.empty_configuration = declared.empty();
  return input;
}

}  // namespace

Task<plans::Plan> make_plan(Context& context, PlanOptions options) {
  auto const executor = co_await asio::this_coro::executor;
  auto keys = co_await tenant_keys(context, options.selection);
  if (!keys) co_return keys.error();
  context.observer.run_started(keys->size());
  plans::Plan plan;
  plan.created_at = format_time(context.clock.wall());
  plan.lineage = context.store.info().lineage;
  plan.destroy = options.destroy;
  plan.refresh_only = options.refresh_only;
  plan.adopt_only = options.adopt_only;
  Planning planning{context, options, OrganizationView(context), std::move(*keys), {}};
  planning.tenants.resize(planning.keys.size());
  TaskGroup workers(executor);
  auto const count = std::min(planning.keys.size(), std::max<std::size_t>(options.parallelism, 1));
  for (std::size_t i = 0; i < count; ++i) workers.spawn(plan_next(planning));
  co_await workers.join();
  plan.passed_over = std::erase_if(planning.tenants, [](auto const& t) { return t.passed_over; });
  plan.tenants = std::move(planning.tenants);
  plan.fitting = std::move(planning.fitting);
  for (auto& tenant : plan.tenants) {
    for (auto& warning : tenant.warnings) plan.warnings.add(std::move(warning));
    tenant.warnings.clear();
  }
  if (context.stop.requested())
    co_return Error(Errc::cancelled, "stopped before the plan was made");
  if (planning.failure) co_return *planning.failure;
  note_handovers(plan);
  auto in_state = co_await context.store.tenants();
  if (!in_state) co_return in_state.error();
  plans::apply_guards(plan, guard_input(context, options, plan, in_state->size()));
  co_return plan;
}

}  // namespace tenantry::run
