#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/core/text.hpp"
#include "plans/render.hpp"

namespace tenantry::plans {
namespace {

/// In the order in which they are told.
constexpr Action kChangingActions[] = {Action::create,     Action::update,  Action::replace,
                                       Action::delete_,    Action::adopt,   Action::deactivate,
                                       Action::reactivate, Action::release, Action::forget};

/// Seconds until the last of `calls` may be sent: bursts of five minutes' worth in any 300 s.
std::int64_t wait_of(int calls, int calls_per_minute) {
  constexpr int kWindowSeconds = 300;
  int const burst = calls_per_minute * kWindowSeconds / 60;
  return calls <= 0 ? 0 : std::int64_t{(calls - 1) / burst} * kWindowSeconds;
}

std::string duration(std::int64_t seconds) {
  auto const minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string calls(int count, std::string_view singular) {
  return count == 0 ? fmt::format("no {}s", singular)
                    : counted(static_cast<std::size_t>(count), singular);
}

/// "3 to create", "1 to update".
std::vector<std::string> parts_of(std::map<Action, std::int64_t> const& counts) {
  std::vector<std::string> parts;
  for (auto const action : kChangingActions) {
    auto const found = counts.find(action);
    if (found == counts.end()) continue;
    parts.push_back(fmt::format("{} to {}", found->second, name_of(action)));
  }
  return parts;
}

}  // namespace

std::map<std::string, WaveShare> wave_shares(Plan const& plan) {
  std::map<std::string, WaveShare> shares;
  if (plan.waves.empty()) return shares;
  for (auto const& tenant : plan.tenants) {
    auto& share = shares[std::string(tenant.wave)];
    ++share.tenants;
    share.with_changes += tenant.has_changes();
    for (auto const action : kChangingActions) {
      if (auto const count = tenant.count(action); count > 0) share.counts[action] += count;
    }
  }
  return shares;
}

std::vector<std::string> wave_lines(Plan const& plan) {
  auto const shares = wave_shares(plan);
  std::vector<std::string> lines;
  for (auto const& wave : plan.waves) {
    auto const found = shares.find(wave.name);
    if (found == shares.end()) continue;
    auto const& share = found->second;
    auto const may = wave.failures_max == 0 ? std::string("none may fail")
                                            : fmt::format("up to {} may fail", wave.failures_max);
    auto parts = parts_of(share.counts);
    parts.insert(parts.begin(), fmt::format("{} with changes", share.with_changes));
    lines.push_back(fmt::format(
        "Wave {} ({}, {}): {}.", visible(wave.name),
        counted(static_cast<std::size_t>(wave.tenants), "tenant"), may,
        share.with_changes == 0 ? "nothing to do" : fmt::format("{}", fmt::join(parts, ", "))));
  }
  return lines;
}

std::string_view words_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::not_in_state:
      return "declared, and not there yet";
    case Reason::config_changed:
      return "the configuration changed";
    case Reason::drifted:
      return "changed outside of Tenantry";
    case Reason::config_and_drift:
      return "the configuration changed, and so did the live object";
    case Reason::gone:
      return "no longer there, created again";
    case Reason::attribute_cannot_change:
      return "an attribute cannot change";
    case Reason::replace_requested:
      return "--replace";
    case Reason::no_longer_declared:
      return "no longer in the configuration";
    case Reason::destroy_requested:
      return "everything is to be destroyed";
    case Reason::adoption:
      return "exists already, is taken over";
    case Reason::declared_deactivated:
      return "declared with status: deactivated";
    case Reason::held:
      return "held: its countdown is restarted";
    case Reason::tenant_removed:
      return "the tenant is no longer in the configuration";
    case Reason::declared_active_again:
      return "deactivated, and declared active again";
    case Reason::purge_date_passed:
      return "deactivated, and its purge date has passed";
    case Reason::attributes_released:
      return "attributes are no longer managed";
    case Reason::secret_due:
      return "its secret is rotated";
  }
  return "";
}

std::string summary_line(Plan const& plan) {
  auto parts = parts_of(count_actions(plan));
  std::size_t moves = 0;
  for (auto const& tenant : plan.tenants) moves += tenant.moves;
  if (moves > 0) parts.push_back(fmt::format("{} to move", moves));
  auto line =
      parts.empty() ? std::string("No changes.") : fmt::format("Plan: {}.", fmt::join(parts, ", "));
  std::size_t stopped = 0, failed = 0, drifted = 0;
  for (auto const& tenant : plan.tenants) {
    stopped += tenant.stopped_by_guard();
    failed += tenant.error.has_value();
    drifted += tenant.drifted;
  }
  if (drifted > 0) line += fmt::format(" {} drifted.", counted(drifted, "resource"));
  if (stopped > 0) line += fmt::format(" {} stopped by a guard.", counted(stopped, "tenant"));
  if (failed > 0) line += fmt::format(" {} could not be planned.", counted(failed, "tenant"));
  return line;
}

std::string shard_line(Plan const& plan) {
  if (!plan.shard) return {};
  return fmt::format("Shard {} of {}: {} of {}.", plan.shard->index, plan.shard->count,
                     plan.tenants.size(), counted(plan.fleet_size, "tenant"));
}

std::string cost_line(Plan const& plan) {
  constexpr int kTier1 = 1000, kTier2 = 100;  // calls a minute
  Cost total;
  std::map<std::string_view, int>
      register_writes;  // by region: each has a register host of its own
  std::int64_t wait = 0;
  for (auto const& tenant : plan.tenants) {
    total += tenant.cost;
    register_writes[tenant.region] += tenant.cost.register_writes;
    wait =
        std::max({wait, wait_of(tenant.cost.reads, kTier1), wait_of(tenant.cost.writes, kTier2)});
  }
  for (auto const& [region, writes] : register_writes)
    wait = std::max(wait, wait_of(writes, kTier2));
  return fmt::format("Cost: {}, {}; {} at Qlik's rate limits.", calls(total.reads, "read"),
                     calls(total.writes + total.register_writes, "write"),
                     wait == 0 ? "no wait" : fmt::format("about {}", duration(wait)));
}

}  // namespace tenantry::plans
