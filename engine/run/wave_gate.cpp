#include "engine/run/wave_gate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {
std::string const kStopped = "the run was stopped";
}  // namespace

WaveGate::WaveGate(state::Store& store, Observer& observer, StopFlag const& stop,
                   plans::Plan const& plan, ApplyOptions const& options,
                   std::vector<plans::TenantSummary const*> const& tenants)
    : store_(store), observer_(observer), stop_(stop), plan_(plan), options_(options) {
  for (auto const& wave : plan.waves) reports_.push_back({.name = wave.name});
  failed_.resize(plan.waves.size());
  locked_.resize(plan.waves.size());
  steps_.resize(std::max<std::size_t>(plan.waves.size(), 1));
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    auto const wave = wave_of(*tenants[i]);
    steps_[wave].push_back(i);
    if (has_waves()) reports_[wave].tenants += tenants[i]->has_changes();
  }
}

std::size_t WaveGate::wave_of(plans::TenantSummary const& tenant) const {
  if (!has_waves()) return 0;
  auto const found = std::ranges::find(plan_.waves, tenant.wave, &plans::Wave::name);
  auto const index = static_cast<std::size_t>(found - plan_.waves.begin());
  return std::min(index, plan_.waves.size() - 1);
}

bool WaveGate::is_planned(std::size_t step) const {
  return std::ranges::any_of(plan_.tenants,
                             [&](auto const& tenant) { return wave_of(tenant) == step; });
}

std::vector<WaveReport> WaveGate::take_reports() {
  std::vector<WaveReport> planned;
  for (std::size_t step = 0; step < reports_.size(); ++step) {
    if (is_planned(step)) planned.push_back(std::move(reports_[step]));
  }
  return planned;
}

asio::awaitable<bool> WaveGate::enter(std::size_t step) {
  if (!has_waves()) co_return true;
  current_ = step;
  if (is_open() && stop_.requested()) close(step, kStopped);
  if (is_open()) co_await look_at_earlier(step);
  if (is_open() && reports_[step].tenants > 0) co_await ask(step);
  if (is_open()) co_await count_failures_of_plan(step);
  auto& report = reports_[step];
  if (!is_open()) {
    if (report.tenants > 0) report.stopped_because = cause_;
    co_return false;
  }
  if (report.tenants == 0) {
    if (is_planned(step)) observer_.wave_passed(report);
  } else {
    report.started = true;
    observer_.wave_started(report);
  }
  co_return true;
}

/// A wave of which this run has few tenants or none may have failed in another run of the group.
asio::awaitable<void> WaveGate::look_at_earlier(std::size_t step) {
  if (!shared()) co_return;
  for (std::size_t wave = 0; wave < step && is_open(); ++wave) co_await note(wave, {});
}

asio::awaitable<void> WaveGate::ask(std::size_t step) {
  if (!options_.approve_wave) co_return;
  WaveReport const* before = nullptr;
  for (std::size_t wave = 0; wave < step; ++wave) {
    if (reports_[wave].started) before = &reports_[wave];
  }
  if (before == nullptr) co_return;
  auto const answer = co_await options_.approve_wave(*before, reports_[step]);
  if (!answer) {
    close(step, stop_.requested() ? kStopped : answer.error().message);
  } else if (!*answer) {
    close(step, "it was not approved");
  }
}

/// Tenants that could not be planned have failed before anything begins. The others of this run
/// are tried again now, however an earlier run of the group left them.
asio::awaitable<void> WaveGate::count_failures_of_plan(std::size_t step) {
  std::map<std::string, std::int64_t> parts;
  std::map<std::string, std::int64_t> fresh;
  for (auto const& tenant : plan_.tenants) {
    if (wave_of(tenant) != step || tenant.paused) continue;
    if (shared() && tenant.error == Errc::locked) {
      ++locked_[step];
      continue;
    }
    (tenant.error ? parts : fresh)[tenant.key] = tenant.error ? 1 : 0;
  }
  reports_[step].failed += parts.size() + static_cast<std::size_t>(locked_[step]);
  if (!shared()) {
    failed_[step] += static_cast<std::int64_t>(parts.size());
    check(step);
    co_return;
  }
  co_await note(step, std::move(parts));
  if (failed_[step] > 0 && !fresh.empty()) co_await note(step, std::move(fresh));
  check(step);
}

asio::awaitable<void> WaveGate::ended(plans::TenantSummary const& tenant, TenantEnd end) {
  if (!has_waves() || !tenant.has_changes()) co_return;
  auto& report = reports_[current_];
  report.done += end == TenantEnd::done;
  report.failed += end == TenantEnd::failed;
  report.guarded += end == TenantEnd::guarded;
  if (end != TenantEnd::done && end != TenantEnd::failed) co_return;
  bool const failed = end == TenantEnd::failed;
  if (shared()) {
    std::map<std::string, std::int64_t> part{{tenant.key, failed ? 1 : 0}};
    co_await note(current_, std::move(part));
  } else {
    failed_[current_] += failed;
  }
  check(current_);
}

void WaveGate::leave() {
  if (!has_waves() || reports_[current_].tenants == 0) return;
  auto& report = reports_[current_];
  if (!is_open() && closed_at_ == current_) report.stopped_because = cause_;
  observer_.wave_ended(report);
  if (is_open() && report.guarded == report.tenants) {
    close(current_ + 1, fmt::format("guards stop every tenant of wave {} that has changes",
                                    visible(report.name)));
  }
}

std::string WaveGate::reason(plans::TenantSummary const& tenant) const {
  auto const wave = wave_of(tenant);
  bool const begun = wave < reports_.size() && reports_[wave].started;
  return fmt::format("wave {} was {}: {}", visible(tenant.wave), begun ? "stopped" : "not started",
                     cause_);
}

/// Writes what the tenants of this run contribute, and takes over what all of the group say.
asio::awaitable<void> WaveGate::note(std::size_t wave, std::map<std::string, std::int64_t> parts) {
  state::Contribution contribution;
  contribution.group = options_.run.group;
  contribution.counter = "failed in wave " + plan_.waves[wave].name;
  contribution.parts = std::move(parts);
  auto const sum = co_await store_.contribute(std::move(contribution));
  if (!sum) {
    broken_ = true;
    close(current_, fmt::format("the state could not be written: {}", sum.error().message));
    co_return;
  }
  failed_[wave] = *sum + locked_[wave];
  if (wave != current_) check(wave);
}

void WaveGate::check(std::size_t wave) {
  auto const max = plan_.waves[wave].failures_max;
  if (!is_open() || failed_[wave] <= max) return;
  // Others that were in work may fail after that, which the report counts.
  close(current_, fmt::format("{} of wave {} had failed, rollout.maxFailures allows {}",
                              counted(static_cast<std::size_t>(failed_[wave]), "tenant"),
                              visible(plan_.waves[wave].name), max));
}

void WaveGate::close(std::size_t wave, std::string cause) {
  if (!is_open()) return;
  closed_at_ = wave;
  cause_ = std::move(cause);
}

}  // namespace tenantry::run
