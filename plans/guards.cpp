#include "plans/guards.hpp"

#include <fmt/format.h>

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
bool destroys(Change const& change) {
  return change.action == Action::delete_ || change.action == Action::replace ||
         deactivates_tenant(change) || change.destructive;
}

/// Everything that a limit counts, over all tenants.
struct Totals {
  std::int64_t creates = 0;
  std::int64_t deletes = 0;
  std::int64_t deactivates = 0;

  explicit Totals(Plan const& plan) {
    for (auto const& tenant : plan.tenants) {
      for (auto const& change : tenant.changes) {
        creates += creates_tenant(change);
        deletes += deletes_resource(change);
        deactivates += deactivates_tenant(change);
      }
    }
  }
};

class Guards {
 public:
  Guards(Plan const& plan, GuardInput const& input)
      : input_(input), totals_(plan), destroy_(plan.destroy) {}

  /// The hit that stops `change`, else the first that was let through, else nothing.
  std::optional<GuardHit> hit(Change const& change) const {
    std::vector<GuardHit> hits;
    protection(change, hits);
    missing_configuration(change, hits);
    deactivation(change, hits);
    limit(creates_tenant(change), totals_.creates, input_.limits.creates_max,
          {"policy.maxCreates", "tenant", "created"}, hits);
    limit(deletes_resource(change), totals_.deletes, input_.limits.deletes_max,
          {"policy.maxDeletes", "resource", "deleted"}, hits);
    limit(deactivates_tenant(change), totals_.deactivates, input_.limits.deactivates_max,
          {"policy.maxDeactivates", "tenant", "deactivated"}, hits);
    if (hits.empty()) return std::nullopt;
    auto const digest = digest_of(change);
    bool const acknowledged = input_.acknowledged.contains(digest);
    for (auto& found : hits) {
      found.acknowledged = found.acknowledged || acknowledged;
      found.hint += fmt::format(", or let this one change through by --acknowledge {}", digest);
    }
    for (auto& found : hits) {
      if (!found.acknowledged) return found;
    }
    return hits.front();
  }

 private:
  struct Limit {
    std::string_view rule;
    std::string_view counted;
    std::string_view verb;
  };

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

  static void limit(bool counts, std::int64_t total, std::optional<std::int64_t> max,
                    Limit const& limit, std::vector<GuardHit>& hits) {
    if (!counts || !max || total <= *max) return;
    hits.push_back({std::string(limit.rule),
                    fmt::format("{} would be {}, {} allows {}",
                                counted(static_cast<std::size_t>(total), limit.counted), limit.verb,
                                limit.rule, *max),
                    fmt::format("raise {}", limit.rule), false});
  }

  GuardInput const& input_;
  Totals totals_;
  bool destroy_;
};

}  // namespace

void apply_guards(Plan& plan, GuardInput const& input) {
  Guards const guards(plan, input);
  for (auto& tenant : plan.tenants) {
    for (auto& change : tenant.changes) change.guard = guards.hit(change);
  }
}

}  // namespace tenantry::plans
