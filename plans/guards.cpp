#include "plans/guards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/core/text.hpp"

namespace tenantry::plans {
namespace {

bool creates_tenant(Change const& change) {
  return change.address.is_tenant() && change.action == Action::create;
}
bool deletes_resource(Change const& change) {
  return !change.address.is_tenant() && (change.action == Action::delete_ ||
                                         change.action == Action::replace || change.destructive);
}
/// A countdown that is restarted ends no tenant that was not ended before.
bool deactivates_tenant(Change const& change) {
  return change.action == Action::deactivate && change.reason != Reason::held;
}
/// One limit: what it counts, and in which words.
struct LimitRule {
  std::string_view name;
  std::string_view counted;
  std::string_view verb;
  bool (*counts)(Change const&);
  std::optional<std::int64_t> GuardLimits::* max;
  std::int64_t GuardCounts::* total;
};
constexpr LimitRule kLimitRules[] = {
    {"policy.maxCreates", "tenant", "created", creates_tenant, &GuardLimits::creates_max,
     &GuardCounts::creates},
    {"policy.maxDeletes", "resource", "deleted", deletes_resource, &GuardLimits::deletes_max,
     &GuardCounts::deletes},
    {"policy.maxDeactivates", "tenant", "deactivated", deactivates_tenant,
     &GuardLimits::deactivates_max, &GuardCounts::deactivates},
};

/// `who` is ", by all runs that share the limit" or nothing.
std::optional<GuardHit> hit_of(LimitRule const& rule, Change const& change,
                               GuardLimits const& limits, GuardCounts const& totals,
                               std::string_view who) {
  auto const max = limits.*rule.max;
  auto const total = totals.*rule.total;
  if (!rule.counts(change) || !max || total <= *max) return std::nullopt;
  return GuardHit{std::string(rule.name),
                  fmt::format("{} would be {}{}, {} allows {}",
                              counted(static_cast<std::size_t>(total), rule.counted), rule.verb,
                              who, rule.name, *max),
                  fmt::format("raise {}", rule.name), false};
}

std::string acknowledge_hint(std::string const& digest) {
  return fmt::format(", or let this one change through by --acknowledge {}", digest);
}

GuardCounts counts_of(Plan const& plan) {
  GuardCounts all;
  for (auto const& tenant : plan.tenants) {
    auto const counts = plans::counts_of(tenant);
    for (auto const& rule : kLimitRules) all.*rule.total += counts.*rule.total;
  }
  return all;
}

class Guards {
 public:
  Guards(Plan const& plan, GuardInput const& input)
      : input_(input), totals_(counts_of(plan)), destroy_(plan.destroy) {}

  /// The hit that stops `change`, else the first that was let through, else nothing.
  std::optional<GuardHit> hit(Change const& change) const {
    std::vector<GuardHit> hits;
    protection(change, hits);
    missing_configuration(change, hits);
    deactivation(change, hits);
    for (auto const& rule : kLimitRules) {
      auto hit = hit_of(rule, change, input_.limits, totals_, "");
      if (hit) hits.push_back(std::move(*hit));
    }
    if (hits.empty()) return std::nullopt;
    auto const digest = digest_of(change);
    bool const acknowledged = input_.acknowledged.contains(digest);
    for (auto& found : hits) {
      found.acknowledged = found.acknowledged || acknowledged;
      found.hint += acknowledge_hint(digest);
    }
    for (auto& found : hits) {
      if (!found.acknowledged) return found;
    }
    return hits.front();
  }

  GuardCounts const& totals() const { return totals_; }

 private:
  void protection(Change const& change, std::vector<GuardHit>& hits) const {
    if (!change.prevent_destroy || !destroys(change)) return;
    bool const declared = change.where.known();
    hits.push_back({"preventDestroy",
                    fmt::format("{} is protected by lifecycle.preventDestroy{}",
                                change.address.text(), declared ? "" : ", which the state records"),
                    declared ? "take preventDestroy out of its lifecycle"
                             : "put its block back into the configuration",
                    false});
  }

  void missing_configuration(Change const& change, std::vector<GuardHit>& hits) const {
    if (!input_.empty_configuration || destroy_ || !destroys(change)) return;
    hits.push_back({"empty-configuration",
                    "the configuration declares no tenant at all, which is never taken to mean "
                    "that all are to be removed",
                    "check --config and --chdir; to remove everything use `tenantry destroy`",
                    false});
  }

  void deactivation(Change const& change, std::vector<GuardHit>& hits) const {
    if (!deactivates_tenant(change) || change.reason == Reason::declared_deactivated) return;
    hits.push_back({"allow-deactivate",
                    fmt::format("{} would be deactivated without `status: deactivated`",
                                change.address.text()),
                    "put the tenant back, or confirm with --allow-deactivate",
                    input_.allow_deactivate});
  }

  GuardInput const& input_;
  GuardCounts totals_;
  bool destroy_;
};

/// Whether any rule of apply_guards may have a word on the tenant.
bool is_concerned(TenantSummary const& tenant, GuardInput const& input, GuardCounts const& totals) {
  auto const& max = input.limits.creates_max;
  return tenant.destroys || tenant.guarded ||
         (tenant.creates_tenant && max && totals.creates > *max);
}

/// Let through by its digest: --allow-deactivate lifts no other rule.
bool was_acknowledged(Change const& change) {
  return change.guard && change.guard->acknowledged && change.guard->rule != "allow-deactivate";
}

}  // namespace

bool destroys(Change const& change) {
  return change.action == Action::delete_ || change.action == Action::replace ||
         deactivates_tenant(change) || change.destructive;
}

GuardCounts counts_of(TenantSummary const& tenant) {
  return {tenant.creates_tenant ? 1 : 0, tenant.deletes, tenant.deactivates_tenant ? 1 : 0};
}

GuardCounts counts_of(TenantPlan const& tenant) {
  GuardCounts counts;
  for (auto const& rule : kLimitRules) {
    counts.*rule.total = std::ranges::count_if(tenant.changes, rule.counts);
  }
  return counts;
}

GuardParts parts_of(TenantPlan const& tenant) {
  GuardParts parts;
  for (auto const& change : tenant.changes) {
    if (creates_tenant(change)) parts.creates.push_back(change.address.text());
    if (deactivates_tenant(change)) parts.deactivates.push_back(change.address.text());
    // With its id: what was created in the place of a deleted object is another one.
    if (deletes_resource(change)) {
      parts.deletes.push_back(fmt::format("{} {}", change.address.text(), change.id.text()));
    }
  }
  return parts;
}

namespace {

/// Puts a hit on each change of `tenant` that a limit counts which `totals` exceed.
void stop_over_limits(TenantPlan& tenant, GuardLimits const& limits, GuardCounts const& totals,
                      std::set<std::string> const& acknowledged,
                      std::function<void(Change const&)> const& stopped) {
  for (auto& change : tenant.changes) {
    bool const is_stopped = change.guard && !change.guard->acknowledged;
    if (is_stopped || was_acknowledged(change)) continue;
    for (auto const& rule : kLimitRules) {
      auto hit = hit_of(rule, change, limits, totals, " by all runs that share the limit");
      if (!hit) continue;
      auto const digest = digest_of(change);
      hit->acknowledged = acknowledged.contains(digest);
      hit->hint += acknowledge_hint(digest);
      change.guard = std::move(*hit);
      if (!change.guard->acknowledged) stopped(change);
      break;
    }
  }
}

bool exceeds(TenantSummary const& tenant, GuardLimits const& limits, GuardCounts const& totals) {
  auto const counts = counts_of(tenant);
  return std::ranges::any_of(kLimitRules, [&](auto const& rule) {
    auto const max = limits.*rule.max;
    return counts.*rule.total > 0 && max && totals.*rule.total > *max;
  });
}

}  // namespace

Result<void> stop_over_limits(Plan& plan, GuardLimits const& limits, GuardCounts const& totals,
                              std::set<std::string> const& acknowledged,
                              std::function<void(Change const&)> const& stopped) {
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    if (!exceeds(plan.tenants[i], limits, totals)) continue;
    auto const done = plan.tenants.edit(i, [&](TenantPlan& tenant) {
      stop_over_limits(tenant, limits, totals, acknowledged, stopped);
    });
    if (!done) return done;
  }
  return {};
}

Result<void> apply_guards(Plan& plan, GuardInput const& input) {
  Guards const guards(plan, input);
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    if (!is_concerned(plan.tenants[i], input, guards.totals())) continue;
    auto const done = plan.tenants.edit(i, [&](TenantPlan& tenant) {
      for (auto& change : tenant.changes) change.guard = guards.hit(change);
    });
    if (!done) return done;
  }
  return {};
}

}  // namespace tenantry::plans
