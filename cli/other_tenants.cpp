#include "cli/other_tenants.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/report.hpp"
#include "engine/core/text.hpp"
#include "engine/run/waves.hpp"

namespace tenantry::cli {
namespace {

/// A pattern, with the flag that it was given by.
struct Asked {
  std::string_view flag;
  std::string pattern;
  std::string text() const { return fmt::format("{} {}", flag, shell_word(pattern)); }
};

std::vector<Asked> asked(run::PlanOptions const& options) {
  std::vector<Asked> all;
  for (auto const& pattern : options.selection.targets) all.push_back({"--target", pattern});
  for (auto const& pattern : options.replace) all.push_back({"--replace", pattern});
  for (auto const& pattern : options.rotate) all.push_back({"--rotate", pattern});
  return all;
}

/// The first tenant that the pattern means, where `takes` holds for none of those; else nullptr.
config::TenantSummary const* left_out(config::Configuration const& configuration,
                                      std::string const& pattern, auto const& takes) {
  auto const tenant_part = pattern.substr(0, pattern.find('/'));
  config::TenantSummary const* first = nullptr;
  for (auto const& tenant : configuration.tenants()) {
    if (!glob_matches(tenant_part, tenant.key)) continue;
    if (takes(tenant)) return nullptr;
    if (first == nullptr) first = &tenant;
  }
  return first;
}

}  // namespace

Result<void> check_waves(config::Configuration const& configuration,
                         run::PlanOptions const& options) {
  if (options.selection.waves.empty()) return {};
  auto const filter = run::WaveFilter::of(configuration, options.selection.waves);
  if (!filter) return filter.error();
  for (auto const& one : asked(options)) {
    auto const* tenant = left_out(configuration, one.pattern,
                                  [&](auto const& t) { return filter->includes(t.key); });
    if (tenant == nullptr) continue;
    auto const& rollout = *configuration.rollout();
    auto const& wave = rollout.waves[rollout.wave_of(tenant->wave)].name;
    return Error(Errc::not_found,
                 fmt::format("{}: {} is of wave {}, which --wave leaves out", one.text(),
                             visible(tenant->key), visible(wave)),
                 fmt::format("leave --wave out, or add --wave {}", shell_word(wave)));
  }
  return {};
}

std::vector<Diagnostic> of_other_shards(config::Configuration const& configuration,
                                        run::PlanOptions const& options) {
  std::vector<Diagnostic> warnings;
  auto const& shard = options.selection.shard;
  if (!shard) return warnings;
  for (auto const& one : asked(options)) {
    auto const* tenant =
        left_out(configuration, one.pattern, [&](auto const& t) { return shard->holds(t.key); });
    if (tenant == nullptr) continue;
    Shard const its{shard_of(tenant->key, shard->count), shard->count};
    warnings.push_back({Severity::warning,
                        {},
                        {},
                        "an address means nothing in this shard",
                        fmt::format("{}: {} is of shard {}, and this run is shard {}.", one.text(),
                                    visible(tenant->key), its.text(), shard->text()),
                        "nothing is done about it here; --shard none takes all tenants"});
  }
  return warnings;
}

}  // namespace tenantry::cli
