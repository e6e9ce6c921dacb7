#include "plans/report/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/text.hpp"
#include "plans/change_words.hpp"
#include "plans/grouping.hpp"

namespace tenantry::plans {
namespace {

constexpr auto kNone = std::string::npos;

Result<void> with_tenant(Plan const& plan, std::size_t index,
                         std::function<void(TenantPlan const&)> const& visit) {
  auto const tenant = plan.tenants.read(index);
  if (!tenant) return tenant.error();
  visit(*tenant);
  return {};
}

std::vector<Change> shown_changes(TenantPlan const& tenant) {
  std::vector<Change> out;
  std::ranges::copy_if(tenant.changes, std::back_inserter(out), is_shown);
  return out;
}

/// Never 0, which stands for "not the same everywhere".
std::size_t digest_of_place(SourceRange const& where) {
  return std::hash<std::string>()(where.text()) | 1U;
}

class Survey {
 public:
  explicit Survey(OutcomeOf const& outcome_of) : outcome_of_(outcome_of) {}

  void add(TenantPlan const& tenant) {
    auto const index = report_.tenants.size();
    auto& row = report_.tenants.emplace_back();
    row.key = tenant.key;
    row.region = tenant.region;
    row.hostname = tenant.hostname;
    row.wave = tenant.wave;
    row.refreshed = tenant.refreshed;
    report_.block_of.push_back(kNone);
    if (tenant.error) {
      row.status = ReportTenant::Status::failed;
      row.error = describe(*tenant.error);
      row.hint = tenant.error->hint;
      return;
    }
    auto const changes = generic_changes(tenant);
    count(row, changes);
    if (tenant.paused) {
      row.status = ReportTenant::Status::paused;
    } else if (tenant.stopped_by_guard()) {
      row.status = ReportTenant::Status::stopped;
    } else if (!changes.empty()) {
      row.status = ReportTenant::Status::changed;
    }
    if (!changes.empty() && block(index, tenant, changes)) row.status = trouble_of(row.status);
    guards(tenant, changes);
    graves(tenant, changes);
  }

  Report take() {
    order();
    std::ranges::stable_sort(report_.guards, {},
                             [](auto const& guard) { return guard.hit.acknowledged; });
    return std::move(report_);
  }

 private:
  void count(ReportTenant& row, std::vector<Change> const& changes) {
    row.changes = changes.size();
    report_.changes += changes.size();
    for (auto const& change : changes) ++row.counts[static_cast<std::size_t>(change.action)];
  }

  /// What became of the changes, where that is part of the report.
  std::pair<std::string, bool> outcomes(TenantPlan const& tenant) const {
    std::pair<std::string, bool> out;
    if (!outcome_of_) return out;
    for (auto const& change : tenant.changes) {
      auto const* outcome = is_shown(change) ? outcome_of_(change.address) : nullptr;
      if (outcome == nullptr) {
        out.first += '-';
        continue;
      }
      out.first +=
          fmt::format("{}:{}:{};", words_of(outcome->status), generic_text(tenant, outcome->why),
                      generic_text(tenant, outcome->hint));
      out.second = out.second || outcome->status != ChangeOutcome::Status::done;
    }
    return out;
  }

  /// A guard says more.
  static ReportTenant::Status trouble_of(ReportTenant::Status status) {
    using Status = ReportTenant::Status;
    return status == Status::changed ? Status::incomplete : status;
  }

  /// Whether something was not done.
  bool block(std::size_t index, TenantPlan const& tenant, std::vector<Change> const& changes) {
    auto const [outcome, trouble] = outcomes(tenant);
    auto const digest = shape_of(tenant, changes);
    auto const shape = std::string(digest.begin(), digest.end()) + outcome;
    auto const [at, is_new] = block_of_shape_.try_emplace(shape, report_.blocks.size());
    std::vector<std::size_t> places;
    for (auto const& change : changes) places.push_back(digest_of_place(change.where));
    if (is_new) {
      auto& block = report_.blocks.emplace_back();
      block.changes = changes.size();
      block.is_grave = std::ranges::any_of(changes, is_grave);
      block.has_trouble = trouble;
      block.places = std::move(places);
      block.tenants.push_back(index);
      return trouble;
    }
    auto& block = report_.blocks[at->second];
    block.tenants.push_back(index);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (block.places[i] != places[i]) block.places[i] = 0;
    }
    return trouble;
  }

  void guards(TenantPlan const& tenant, std::vector<Change> const& generic) {
    std::size_t at = 0;
    for (auto const& change : tenant.changes) {
      if (!is_shown(change)) continue;
      auto const& common = generic[at++];
      if (!change.guard) continue;
      auto const key = fmt::format("{}\n{}\n{}\n{}", change.guard->rule, common.guard->message,
                                   change.guard->acknowledged, name_of(change.action));
      auto const [found, is_new] = guard_of_.try_emplace(key, report_.guards.size());
      if (is_new) {
        report_.guards.push_back({*change.guard, std::string(name_of(change.action)), {}});
      }
      auto& guard = report_.guards[found->second];
      if (!is_new) guard.hit.message = common.guard->message;
      guard.changes.emplace_back(change.address.text(), digest_of(change));
    }
  }

  void graves(TenantPlan const& tenant, std::vector<Change> const& generic) {
    for (auto const& change : generic) {
      if (!destroys(change)) continue;
      auto const key = fmt::format("{}\n{}\n{}\n{}", change.address.text(), name_of(change.action),
                                   change.name, why_of(change));
      auto const [found, is_new] = grave_of_.try_emplace(key, report_.graves.size());
      if (is_new) {
        auto bare = change;
        bare.attributes.clear();
        bare.released.clear();
        bare.drift_only.clear();
        report_.graves.push_back({std::move(bare), {}});
      }
      report_.graves[found->second].tenants.push_back(tenant.key);
    }
  }

  /// Tenants alone first, then groups from small to large.
  void order() {
    auto& blocks = report_.blocks;
    std::ranges::stable_sort(blocks, {}, [](auto const& block) { return block.tenants.size(); });
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      report_.alone += blocks[i].tenants.size() == 1;
      for (auto const tenant : blocks[i].tenants) report_.block_of[tenant] = i;
    }
  }

  OutcomeOf const& outcome_of_;
  Report report_;
  std::map<std::string, std::size_t> block_of_shape_;
  std::map<std::string, std::size_t> guard_of_;
  std::map<std::string, std::size_t> grave_of_;
};

}  // namespace

std::size_t Report::count(ReportTenant::Status status) const {
  return static_cast<std::size_t>(
      std::ranges::count(tenants, status, [](auto const& tenant) { return tenant.status; }));
}

Result<Report> survey(Plan const& plan, OutcomeOf const& outcome_of) {
  Survey survey(outcome_of);
  auto const read = plan.tenants.for_each([&](TenantPlan const& tenant) { survey.add(tenant); });
  if (!read) return read.error();
  return survey.take();
}

Result<void> visit_blocks(Plan const& plan, Report const& report, BlockVisitor const& visit) {
  for (auto const& block : report.blocks) {
    auto const read = with_tenant(plan, block.tenants.front(), [&](TenantPlan const& tenant) {
      if (block.tenants.size() == 1) return visit(block, tenant, shown_changes(tenant));
      auto changes = generic_changes(tenant);
      for (std::size_t i = 0; i < changes.size(); ++i) {
        if (block.places[i] == 0) changes[i].where = {};
      }
      visit(block, tenant, changes);
    });
    if (!read) return read.error();
  }
  return {};
}

std::string_view words_of(ChangeOutcome::Status status) {
  using Status = ChangeOutcome::Status;
  switch (status) {
    case Status::done:
      return "done";
    case Status::failed:
      return "failed";
    case Status::never_started:
      return "never started";
    case Status::unknown:
      return "unknown";
    case Status::stale:
      return "out of date";
  }
  return "";
}

std::string kind_of(Change const& change) {
  return change.address.is_tenant() ? "tenant" : change.address.section;
}

std::string title_of(Report const& report, ReportBlock const& block) {
  return block.tenants.size() == 1 ? report.tenants[block.tenants.front()].key
                                   : counted(block.tenants.size(), "tenant");
}

}  // namespace tenantry::plans
