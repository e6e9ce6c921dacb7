#include "cli/fleet_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// Samples closer than this say nothing new, and a fast run would keep thousands of them.
constexpr std::chrono::milliseconds kSampleInterval{200};
/// Below this nobody can tell how fast a run is.
constexpr std::chrono::milliseconds kMeasuredMin{1000};

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string rate_text(double per_second) {
  return per_second < 10 ? fmt::format("{:.1f}/s", per_second)
                         : fmt::format("{:.0f}/s", per_second);
}

/// "groups/analysts"; the tenant's own changes have nothing to name besides.
std::string within_tenant(Address const& address) {
  if (address.is_tenant()) return "the tenant itself";
  return visible(address.text().substr(address.tenant.size() + 1));
}

}  // namespace

void RateMeter::note(SteadyTime now, std::size_t total) {
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();
  bool const close =
      samples_.size() > 1 && now - samples_[samples_.size() - 2].time < kSampleInterval;
  if (close) {
    samples_.back() = {now, total};
  } else {
    samples_.push_back({now, total});
  }
}

double RateMeter::per_second(SteadyTime now) const {
  if (samples_.empty() || now - samples_.front().time < kMeasuredMin) return 0;
  auto const done = samples_.back().total - samples_.front().total;
  return static_cast<double>(done) / seconds(now - samples_.front().time);
}

std::string_view name_of(Phase phase) { return phase == Phase::planning ? "planning" : "applying"; }

void FleetProgress::start(Phase phase, std::size_t tenants) {
  phase_ = phase;
  tenants_ = tenants;
  tenants_ended_ = 0;
  in_work_.clear();
  rate_ = {};
  measure();
}

void FleetProgress::expect(plans::Plan const& plan) {
  changes_ = 0;
  changes_ended_ = 0;
  expected_.clear();
  for (auto const& tenant : plan.tenants) {
    auto const count = std::size_t{tenant.changes()};
    if (count == 0 || tenant.error || tenant.paused) continue;
    expected_[tenant.key] = count;
    changes_ += count;
  }
}

TenantInWork& FleetProgress::of(std::string const& key) {
  auto const [found, added] = in_work_.try_emplace(key);
  if (added) {
    found->second.key = key;
    found->second.since = now();
    auto const expected = expected_.find(key);
    if (phase_ == Phase::applying && expected != expected_.end()) {
      found->second.changes = expected->second;
    }
  }
  return found->second;
}

void FleetProgress::measure() {
  rate_.note(now(), phase_ == Phase::planning ? tenants_ended_ : changes_ended_);
}

void FleetProgress::tenant_started(std::string const& key) { of(key); }

TenantInWork FleetProgress::tenant_ended(std::string const& key) {
  auto out = of(key);
  in_work_.erase(key);
  ++tenants_ended_;
  // What was never begun is not left to do.
  if (phase_ == Phase::applying)
    changes_ended_ += out.changes - std::min(out.changes, out.done + out.failed);
  measure();
  return out;
}

void FleetProgress::change_started(plans::Change const& change) {
  of(change.address.tenant).running[change.address] = {change.action, now(), {}};
}

void FleetProgress::change_progress(plans::Change const& change, std::string const& text) {
  auto& running = of(change.address.tenant).running;
  auto const found = running.find(change.address);
  if (found != running.end()) found->second.text = text;
}

std::optional<std::chrono::milliseconds> FleetProgress::change_ended(plans::Change const& change,
                                                                     bool done) {
  auto& tenant = of(change.address.tenant);
  ++(done ? tenant.done : tenant.failed);
  ++changes_ended_;
  measure();
  auto const started = tenant.running.find(change.address);
  if (started == tenant.running.end()) return std::nullopt;
  auto const took = now() - started->second.since;
  tenant.running.erase(started);
  return std::chrono::duration_cast<std::chrono::milliseconds>(took);
}

std::optional<std::chrono::seconds> FleetProgress::time_left() const {
  auto const rate = per_second();
  if (rate <= 0) return std::nullopt;
  auto const all = phase_ == Phase::planning ? tenants_ : changes_;
  auto const ended = phase_ == Phase::planning ? tenants_ended_ : changes_ended_;
  auto const left = static_cast<double>(all - std::min(all, ended));
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(left / rate)));
}

std::vector<TenantInWork const*> FleetProgress::in_work() const {
  std::vector<TenantInWork const*> out;
  for (auto const& [key, tenant] : in_work_) out.push_back(&tenant);
  std::ranges::stable_sort(out, {}, &TenantInWork::since);
  return out;
}

std::string headline(FleetProgress const& progress) {
  auto text = fmt::format("{}: {} of {}", name_of(progress.phase()), progress.tenants_ended(),
                          counted(progress.tenants(), "tenant"));
  if (progress.phase() == Phase::applying && progress.changes() > 0) {
    text +=
        fmt::format(", {} of {}", progress.changes_ended(), counted(progress.changes(), "change"));
  }
  auto const rate = progress.per_second();
  if (rate > 0) text += ", " + rate_text(rate);
  if (auto const left = progress.time_left()) {
    text += fmt::format(", {} left", format_duration(*left));
  }
  return text;
}

std::string line_of(TenantInWork const& tenant, SteadyTime now) {
  auto text = visible(tenant.key);
  if (tenant.changes > 0) {
    text += fmt::format("  {}/{}", tenant.done + tenant.failed, tenant.changes);
  }
  if (tenant.running.empty()) return fmt::format("{}  {:.1f} s", text, seconds(now - tenant.since));
  // The one that takes longest says most about what the tenant waits for.
  auto const oldest = std::ranges::min_element(
      tenant.running, {}, [](auto const& entry) { return entry.second.since; });
  auto const& [address, running] = *oldest;
  text += fmt::format("  {} {}", plans::name_of(running.action), within_tenant(address));
  if (!running.text.empty()) text += ": " + visible(running.text);
  text += fmt::format(" ({:.1f} s)", seconds(now - running.since));
  if (tenant.running.size() > 1) text += fmt::format(", and {} more", tenant.running.size() - 1);
  return text;
}

}  // namespace tenantry::cli
