#include "tests/simulation/simulation.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "engine/core/file.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/simulation/invariants.hpp"
#include "tests/simulation/person.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/scenario.hpp"

namespace tenantry::simulation {
namespace {

constexpr int kRunsMax = 7;  ///< without faults, until nothing is left to do

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::shared_ptr<config::Configuration const> load(std::filesystem::path const& folder,
                                                  Value const& configuration) {
  auto const written = write_file_atomically(
      folder / "tenantry.yaml", boost::json::serialize(configuration), FileMode::shared);
  ensure(written.has_value(), "the folder of the simulation can be written");
  config::LoadOptions options;
  options.folder = folder;
  options.schemas = qlik_provider().schemas();
  options.environment = [](std::string const& name) -> std::optional<std::string> {
    if (name == kSecretVariable) return std::string(emulator::kClientSecret);
    if (name == kLicenseVariable) return std::string(emulator::kLicenseKey);
    return std::nullopt;
  };
  auto loaded = config::load(options);
  if (loaded.configuration != nullptr) return loaded.configuration;
  std::string text = "the scenario is no valid configuration";
  for (auto const& d : loaded.diagnostics.sorted()) text += "\n  " + d.summary + ": " + d.detail;
  throw Broken(text);
}

/// What a plan still wants, or why there is none.
std::string left_to_do(ProcessEnd const& end) {
  if (end.error) return describe(*end.error);
  std::string text;
  each_tenant(*end.plan, [&](plans::TenantPlan const& tenant) {
    if (tenant.error) text += fmt::format("\n  {}: {}", tenant.key, describe(*tenant.error));
    for (auto const& change : tenant.changes) {
      if (!change.changes_something()) continue;
      text += fmt::format("\n  {} {} ({})", plans::name_of(change.action), change.address.text(),
                          plans::name_of(change.reason));
      if (change.guard) text += ": " + change.guard->message;
    }
  });
  if (!end.report) return text;
  for (auto const& change : end.report->changes) {
    if (change.error)
      text += fmt::format("\n  {}: {}", change.address.text(), describe(*change.error));
  }
  return text;
}

bool is_empty(ProcessEnd const& end) {
  return end.plan && !end.error && !end.plan->has_changes() && !end.plan->has_errors();
}

void check_rollout(ProcessEnd const& end) {
  if (!end.plan || !end.report) return;
  std::string text;
  for (auto const& wrong : broken_rollout(*end.plan, *end.report, end.done)) text += "\n  " + wrong;
  if (!text.empty()) throw Broken("the rollout is wrong:" + text);
}

class Simulation {
 public:
  Simulation(std::uint64_t seed, SimulationOptions const& options)
      : options_(options),
        scenario_(make_scenario(seed)),
        dice_(seed, 3),
        faulty_(seed, options.trace_to),
        calm_(seed + 1, options.trace_calm_to) {
    constexpr std::uint64_t kLevels[] = {0, 5, 15, 40};
    rates_ = FaultRates::of(kLevels[dice_.below(4)]);
    clocks_differ_ = dice_.chance(400);
    // A clock that is wrong matters most where what is young has to be told from what is not.
    if (clocks_differ_) rates_.list_lag *= 10;
  }

  Verdict run() {
    try {
      for (std::size_t i = 0; i < scenario_.versions.size(); ++i) pass_version(i);
    } catch (std::runtime_error const& broken) {
      verdict_.failure = fmt::format("version {}: {}", version_, broken.what());
    }
    faulty_.trace.add(verdict_.failure.empty() ? "all is well" : verdict_.failure);
    verdict_.trace_digest = faulty_.trace.digest();
    verdict_.processes = faulty_.processes;
    verdict_.calls = faulty_.cloud.calls();
    verdict_.virtual_time = faulty_.clock.elapsed();
    return verdict_;
  }

 private:
  void pass_version(std::size_t index) {
    version_ = index + 1;
    auto const& version = scenario_.versions[index];
    faulty_.clock.advance(version.before);
    calm_.clock.advance(version.before);
    auto const configuration = load(options_.folder, version.configuration);
    faulty_.trace.add(fmt::format("=== version {}: {}", version_,
                                  boost::json::serialize(version.configuration.at("tenants"))));
    pass_calmly(*configuration);
    for (auto attempts = dice_.between(1, 3); attempts > 0; --attempts) try_once(*configuration);
    settle(*configuration);
    judge(*configuration, version.let_go);
  }

  /// The same without anything going wrong: one run must do it.
  void pass_calmly(config::Configuration const& configuration) {
    auto const first = apply(calm_, configuration, {});
    auto const second = apply(calm_, configuration, {});
    if (!is_empty(second)) {
      throw Broken("without faults, one run did not do it:" + left_to_do(first) +
                   "\n then:" + left_to_do(second));
    }
  }

  /// Of a runner whose clock may be wrong.
  ProcessOptions runner() {
    ProcessOptions options;
    options.plant = options_.plant;
    if (clocks_differ_) {
      constexpr std::int64_t kAhead[] = {0, 0, -2, 2, -45, 45, -600, 600, -10'000, 10'000};
      options.clock_ahead = std::chrono::seconds(kAhead[dice_.below(std::size(kAhead))]);
    }
    return options;
  }

  ProcessOptions doomed_runner() {
    auto options = runner();
    options.rates = rates_;
    options.as_saved_plan = dice_.chance(150);
    auto const end = dice_.below(100);
    if (end < 65) options.end = Lifeline::End::killed;
    if (end >= 90) options.end = Lifeline::End::interrupted;
    constexpr std::uint64_t kSteps[] = {12, 60, 250};
    options.end_after = dice_.below(kSteps[dice_.below(3)]);
    if (dice_.chance(500)) options.lock_timeout = std::chrono::seconds(dice_.below(60));
    return options;
  }

  void try_once(config::Configuration const& configuration) {
    std::vector<ProcessOptions> runners{doomed_runner()};
    while (runners.size() < 3 && dice_.chance(250)) {
      runners.push_back(doomed_runner());
      runners.back().begins_after = std::chrono::milliseconds(dice_.below(3000));
    }
    for (auto const& ended : apply_at_once(faulty_, configuration, runners)) {
      check_rollout(ended);
      if (ended.how == Lifeline::End::killed) ++verdict_.killed;
    }
    faulty_.clock.advance(
        dice_.chance(700)
            ? dice_.time_between(std::chrono::microseconds(0), std::chrono::seconds(3))
            : dice_.time_between(std::chrono::seconds(3), std::chrono::minutes(10)));
  }

  void settle(config::Configuration const& configuration) {
    ProcessEnd end;
    for (int i = 0; i < kRunsMax; ++i) {
      end = apply(faulty_, configuration, runner());
      check_rollout(end);
      if (is_empty(end)) return;
      if (!scenario_.organization) answer_open_creations(faulty_);
      faulty_.clock.advance(std::chrono::seconds(dice_.below(20)));
    }
    throw Broken(
        fmt::format("not done after {} runs without faults:{}", kRunsMax, left_to_do(end)));
  }

  void judge(config::Configuration const& configuration, std::set<std::string> const& let_go) {
    auto const differs =
        difference(comparable(calm_.cloud.snapshot()), comparable(faulty_.cloud.snapshot()));
    std::string text;
    if (!differs.empty()) text += "\n  not as without faults: " + differs;
    for (auto const& wrong : broken_invariants(faulty_, configuration, let_go))
      text += "\n  " + wrong;
    if (!text.empty()) throw Broken("the result is wrong:" + text);
    for (auto const& wrong : broken_invariants(calm_, configuration, let_go))
      text += "\n  " + wrong;
    if (!text.empty()) throw Broken("without faults, the result is wrong:" + text);
  }

  SimulationOptions const& options_;
  Scenario scenario_;
  Dice dice_;
  Installation faulty_;
  Installation calm_;
  FaultRates rates_;
  bool clocks_differ_ = false;
  Verdict verdict_;
  std::size_t version_ = 0;
};

}  // namespace

Verdict simulate(std::uint64_t seed, SimulationOptions const& options) {
  return Simulation(seed, options).run();
}

}  // namespace tenantry::simulation
