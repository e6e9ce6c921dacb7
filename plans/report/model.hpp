// What all reports of a plan say: the first look at it. Internal to this layer.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plans/plan.hpp"
#include "plans/report.hpp"

namespace tenantry::plans {

using ActionCounts = std::array<std::size_t, kActionCount>;

/// A tenant in the overview; its changes are in a block.
struct ReportTenant {
  /// `incomplete`: an apply did not do all of it.
  enum class Status { unchanged, changed, incomplete, stopped, failed, paused };
  std::string key;
  std::string region;
  std::string hostname;
  std::string wave;
  Status status = Status::unchanged;
  bool refreshed = true;
  std::size_t changes = 0;  ///< that are shown
  ActionCounts counts{};    ///< of actions, reported drift as no-op
  std::string error;        ///< why it could not be planned; one line
  std::string hint;
};

/// Tenants that are shown as one, because what they would do is the same.
struct ReportBlock {
  std::vector<std::size_t> tenants;  ///< indexes of Report::tenants, in the plan's order
  std::size_t changes = 0;           ///< of each
  bool is_grave = false;             ///< it deletes, replaces, deactivates or is stopped
  bool has_trouble = false;          ///< something was not done
  std::vector<std::size_t> places;   ///< digest of each change's place; 0 where tenants differ
};

/// A rule that stops changes of one or more tenants.
struct ReportGuard {
  GuardHit hit;  ///< where there are several changes, placeholders stand for what is a tenant's own
  std::string action;
  /// Address of each change that it stops, and the change's digest.
  std::vector<std::pair<std::string, std::string>> changes;
};

/// A change that must be seen, in every tenant that has it.
struct ReportGrave {
  Change change;  ///< with a "*" for the tenant; without attributes
  std::vector<std::string> tenants;
};

/// Memory is bounded by tenants and by what differs between them, not by their changes.
struct Report {
  std::vector<ReportTenant> tenants;  ///< all, in the plan's order
  /// Tenants alone in the plan's order, then groups from small to large.
  std::vector<ReportBlock> blocks;
  std::size_t alone = 0;              ///< the first so many blocks are of one tenant
  std::vector<std::size_t> block_of;  ///< tenant -> block; npos where there is nothing to show
  std::vector<ReportGuard> guards;    ///< those that stop something first
  std::vector<ReportGrave> graves;
  std::size_t count(ReportTenant::Status status) const;
  std::size_t changes = 0;  ///< of all tenants
};

/// Reads every tenant of the plan once. Errors: those of reading it.
Result<Report> survey(Plan const& plan, OutcomeOf const& outcome_of);

/// Gets a block and what its tenants do. In a block of several the changes are generic: see
/// grouping.hpp. `sample` is its first tenant.
using BlockVisitor = std::function<void(ReportBlock const& block, TenantPlan const& sample,
                                        std::vector<Change> const& changes)>;
/// Visits the blocks in their order; reads one tenant of each. Errors: those of reading the plan.
Result<void> visit_blocks(Plan const& plan, Report const& report, BlockVisitor const& visit);

/// The section of an address in words: "tenant", "groups".
std::string kind_of(Change const& change);

/// "acme", or how many tenants a block has: "597 tenants".
std::string title_of(Report const& report, ReportBlock const& block);

}  // namespace tenantry::plans
