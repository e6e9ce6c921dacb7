#include "engine/run/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/run/secret_plan.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

/// The changes of one tenant, by what they need.
class Needs {
 public:
  explicit Needs(plans::TenantPlan const& plan) : plan_(plan) {
    for (auto const& change : plan.changes) changes_.emplace(change.address, &change);
  }

  /// What has to be made before `change`, as it does not exist yet.
  std::vector<Address> of(Change const& change) const {
    std::vector<Address> found;
    if (change.action == Action::delete_ || change.action == Action::forget) return found;
    auto const add = [&](Address const& address) {
      if (address != change.address && is_made_here(address)) found.push_back(address);
    };
    add({plan_.key, {}, {}});
    for (auto const& other : change.depends_on) add(other);
    return found;
  }

  Change const* find(Address const& address) const {
    auto const found = changes_.find(address);
    return found == changes_.end() ? nullptr : found->second;
  }

 private:
  bool is_made_here(Address const& address) const {
    auto const* change = find(address);
    return change != nullptr &&
           (change->action == Action::create || change->action == Action::adopt ||
            change->action == Action::reactivate);
  }

  plans::TenantPlan const& plan_;
  std::map<Address, Change const*> changes_;
};

/// Changes that cannot be made, each with what it lacks because --exclude leaves that out, or what
/// that needs in turn.
std::map<Address, Address> lacking(plans::TenantPlan const& plan, Needs const& needs,
                                   Selection const& selection) {
  std::map<Address, Address> out;
  if (selection.excludes.empty()) return out;
  bool found = true;
  while (found) {
    found = false;
    for (auto const& change : plan.changes) {
      if (!change.changes_something() || out.contains(change.address)) continue;
      for (auto const& other : needs.of(change)) {
        auto const further = out.find(other);
        bool const is_left_out = selection.leaves_out(other);
        if (!is_left_out && further == out.end()) continue;
        out.emplace(change.address, is_left_out ? other : further->second);
        found = true;
        break;
      }
    }
  }
  return out;
}

Diagnostic left_out_warning(Address const& address, Address const& lacks) {
  return {Severity::warning,
          {},
          address.text(),
          "left out, for --exclude leaves out what it needs",
          fmt::format("{} needs {}, which does not exist yet.", address.text(), lacks.text()),
          "exclude it too, or do not exclude what it needs"};
}

std::set<Address> needed(Needs const& needs, std::vector<Address> pending) {
  std::set<Address> keep;
  while (!pending.empty()) {
    auto const address = pending.back();
    pending.pop_back();
    if (!keep.insert(address).second) continue;
    auto const* change = needs.find(address);
    if (change == nullptr) continue;
    for (auto& other : needs.of(*change)) pending.push_back(std::move(other));
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
  Needs const needs(plan);
  auto const lacks = lacking(plan, needs, selection);
  std::vector<Address> chosen;
  for (auto const& change : plan.changes) {
    if (!change.changes_something() || !selection.includes(change.address)) continue;
    if (auto const why = lacks.find(change.address); why != lacks.end()) {
      plan.warnings.push_back(left_out_warning(change.address, why->second));
    } else {
      chosen.push_back(change.address);
    }
  }
  auto const keep = needed(needs, std::move(chosen));
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
