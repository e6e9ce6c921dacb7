#include "engine/run/selection.hpp"

#include <algorithm>
#include <set>

#include "engine/run/secret_plan.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

/// The change of `address` that has to be made first, if there is one.
void pull_in(plans::TenantPlan const& plan, Address const& address, std::vector<Address>& pending) {
  auto const found = std::ranges::find(plan.changes, address, &Change::address);
  if (found == plan.changes.end()) return;
  switch (found->action) {
    case Action::create:
    case Action::adopt:
    case Action::reactivate:
      pending.push_back(address);
      break;
    default:
      break;
  }
}

std::set<Address> needed(plans::TenantPlan const& plan, std::vector<Address> pending) {
  std::set<Address> keep;
  while (!pending.empty()) {
    auto const address = pending.back();
    pending.pop_back();
    if (!keep.insert(address).second) continue;
    auto const found = std::ranges::find(plan.changes, address, &Change::address);
    if (found == plan.changes.end()) continue;
    bool const needs_others = found->action != Action::delete_ && found->action != Action::forget;
    if (!needs_others) continue;
    pull_in(plan, {plan.key, {}, {}}, pending);
    for (auto const& other : found->depends_on) pull_in(plan, other, pending);
  }
  return keep;
}

plans::Cost cost_of_change(Change const& change) {
  plans::Cost cost;
  bool const is_tenant = change.address.is_tenant();
  int const updates = change.attributes.empty() ? 0 : 1;
  switch (change.action) {
    case Action::create:
      cost.register_writes = is_tenant ? 1 : 0;
      cost.writes = is_tenant ? updates : 1;
      break;
    case Action::replace:
      cost.writes = 2;
      break;
    case Action::update: {
      auto const steps = secret_steps(change);
      cost.writes = steps.any() ? updates : 1;
      // A new secret; the old one goes in the same run or a later one.
      if (steps.rotate) cost += {.reads = 1, .writes = 2};
      cost.writes += static_cast<int>(steps.retire.size());
      break;
    }
    case Action::delete_:
      cost.writes = 1;
      break;
    case Action::adopt:
      cost.writes = updates;
      break;
    case Action::reactivate:
      cost.register_writes = 1;
      cost.writes = updates;
      break;
    default:
      break;
  }
  return cost;
}

}  // namespace

void select_changes(plans::TenantPlan& plan, Selection const& selection) {
  std::vector<Address> chosen;
  for (auto const& change : plan.changes) {
    if (change.changes_something() && selection.includes(change.address)) {
      chosen.push_back(change.address);
    }
  }
  auto const keep = needed(plan, std::move(chosen));
  std::erase_if(plan.changes, [&](Change const& change) {
    bool const wanted = change.changes_something() ? keep.contains(change.address)
                                                   : selection.includes(change.address);
    if (!wanted && change.changes_something()) plan.partial = true;
    return !wanted;
  });
  std::erase_if(plan.learned, [&](auto const& row) { return !selection.includes(row.address); });
}

plans::Cost cost_of(plans::TenantPlan const& plan, int reads, bool needs_tenant) {
  plans::Cost cost;
  cost.reads = reads;
  for (auto const& change : plan.changes) cost += cost_of_change(change);
  // A token per host counts as a write.
  if (cost.reads + cost.writes > 0 || needs_tenant) cost.writes += 1;
  return cost;
}

}  // namespace tenantry::run
