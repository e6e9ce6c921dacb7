#include "engine/run/waves.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/moves.hpp"

namespace tenantry::run {
namespace {

config::TenantSummary const* declared(config::Configuration const& configuration,
                                      std::string_view tenant) {
  auto const& all = configuration.tenants();
  auto const found = std::ranges::lower_bound(
      all, tenant, {}, [](auto const& t) -> std::string_view { return t.key; });
  return found != all.end() && found->key == tenant ? &*found : nullptr;
}

/// Index of the wave of `tenant`; there must be a rollout.
std::size_t wave_of(config::Configuration const& configuration, std::string_view tenant) {
  auto const* summary = declared(configuration, tenant);
  return configuration.rollout()->wave_of(summary != nullptr ? summary->wave : std::string());
}

}  // namespace

Result<WaveFilter> WaveFilter::of(config::Configuration const& configuration,
                                  std::vector<std::string> const& names) {
  WaveFilter filter(configuration);
  if (names.empty()) return filter;
  auto const& rollout = configuration.rollout();
  if (!rollout) {
    return Error(Errc::invalid, "--wave: the configuration has no `rollout`",
                 "leave the flag out, or declare the waves");
  }
  std::vector<std::string> known;
  for (auto const& wave : rollout->waves) known.push_back(wave.name);
  filter.wanted_.resize(known.size());
  for (auto const& name : names) {
    auto const found = std::ranges::find(known, name);
    if (found == known.end()) {
      return Error(Errc::invalid,
                   fmt::format("--wave {}: there is no such wave{}", visible(name),
                               did_you_mean(name, known)),
                   fmt::format("the waves of the rollout are: {}", fmt::join(known, ", ")));
    }
    filter.wanted_[static_cast<std::size_t>(found - known.begin())] = true;
  }
  return filter;
}

bool WaveFilter::includes(std::string_view tenant) const {
  return wanted_.empty() || wanted_[wave_of(configuration_, tenant)];
}

void assign_waves(plans::Plan& plan, config::Configuration const& configuration,
                  std::vector<std::string> const& in_state) {
  auto const& rollout = configuration.rollout();
  if (!rollout || plan.destroy) return;
  for (auto const& wave : rollout->waves) plan.waves.push_back({wave.name});
  for (auto const& tenant : configuration.tenants()) {
    if (!tenant.paused) ++plan.waves[rollout->wave_of(tenant.wave)].tenants;
  }
  for (auto const& key : in_state) {
    bool const is_left = declared(configuration, key) == nullptr;
    if (is_left && !is_moved_away(configuration, key)) ++plan.waves.back().tenants;
  }
  for (auto& wave : plan.waves) wave.failures_max = rollout->max_failures.allowed(wave.tenants);
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    plan.tenants.set_wave(i, plan.waves[wave_of(configuration, plan.tenants[i].key)].name);
  }
}

}  // namespace tenantry::run
