// simulate: runs seeds, and names those that break an invariant.
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <fstream>

#include "tests/simulation/simulation.hpp"

namespace tenantry::simulation {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 1000;
  std::uint64_t seed = 0;
  std::uint64_t jobs = 1;
  bool trace = false;
  bool trace_calm = false;
  bool replay = false;
  bool expect_failure = false;
  Plant plant = Plant::none;
};

/// A folder with what the configurations name; gone with this object.
class Folder {
 public:
  Folder() {
    auto pattern = (fs::temp_directory_path() / "tenantry-simulation-XXXXXX").string();
    ensure(::mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
    path_ = pattern;
    fs::create_directories(path_ / "assets");
    picture("one.png", 'a');
    picture("two.png", 'b');
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(Folder const&) = delete;
  fs::path const& path() const { return path_; }

 private:
  /// What begins like a PNG counts as one.
  void picture(char const* name, char content) const {
    std::ofstream(path_ / "assets" / name, std::ios::binary) << "\x89PNG\r\n\x1a\n"
                                                             << std::string(60, content);
  }

  fs::path path_;
};

struct Total {
  std::uint64_t seeds = 0, failed = 0, processes = 0, killed = 0, calls = 0;
};

void report(std::uint64_t seed, Verdict const& verdict) {
  fmt::print("seed {} FAILED: {}\n  replay: simulate --seed {} --trace\n", seed, verdict.failure,
             seed);
  std::fflush(stdout);
}

/// The seeds of one job: every `step`-th.
Total run_seeds(Arguments const& arguments, std::uint64_t offset, std::uint64_t step) {
  Folder const folder;
  SimulationOptions options{folder.path(), arguments.trace ? stdout : nullptr,
                            arguments.trace_calm ? stdout : nullptr, arguments.plant};
  Total total;
  for (auto i = offset; i < arguments.seeds; i += step) {
    auto const seed = arguments.first + i;
    auto const verdict = simulate(seed, options);
    ++total.seeds;
    total.processes += verdict.processes;
    total.killed += verdict.killed;
    total.calls += verdict.calls;
    if (verdict.failure.empty()) continue;
    ++total.failed;
    report(seed, verdict);
    if (arguments.expect_failure) break;
  }
  return total;
}

/// Each seed twice: another trace means that something is left to chance.
int check_replay(Arguments const& arguments) {
  Folder const folder;
  SimulationOptions const options{folder.path(), nullptr, nullptr, arguments.plant};
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    auto const seed = arguments.first + i;
    auto const first = simulate(seed, options);
    auto const second = simulate(seed, options);
    if (first.trace_digest == second.trace_digest) continue;
    fmt::print("seed {} took another way the second time\n", seed);
    return 1;
  }
  fmt::print("{} seeds took the same way twice\n", arguments.seeds);
  return 0;
}

Total run_jobs(Arguments const& arguments) {
  if (arguments.jobs <= 1) return run_seeds(arguments, 0, 1);
  std::vector<std::pair<pid_t, int>> children;
  for (std::uint64_t job = 0; job < arguments.jobs; ++job) {
    int ends[2];
    ensure(::pipe(ends) == 0, "a pipe can be made");
    std::fflush(stdout);
    auto const child = ::fork();
    ensure(child >= 0, "a process can be made");
    if (child == 0) {
      auto const total = run_seeds(arguments, job, arguments.jobs);
      auto const written = ::write(ends[1], &total, sizeof total);
      ::_exit(written == sizeof total ? 0 : 1);
    }
    ::close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  Total all;
  for (auto const& [child, end] : children) {
    Total part;
    auto const got = ::read(end, &part, sizeof part);
    ::close(end);
    ::waitpid(child, nullptr, 0);
    if (got != sizeof part) ++part.failed;  // it broke down
    all.seeds += part.seeds;
    all.failed += part.failed;
    all.processes += part.processes;
    all.killed += part.killed;
    all.calls += part.calls;
  }
  return all;
}

int run(Arguments const& arguments) {
  if (arguments.replay) return check_replay(arguments);
  auto const begin = std::chrono::steady_clock::now();
  auto const total = run_jobs(arguments);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  fmt::print("{} seeds, {} processes of which {} were killed, {} calls, {:.1f} s: {} failed\n",
             total.seeds, total.processes, total.killed, total.calls, took.count(), total.failed);
  return (total.failed > 0) == arguments.expect_failure ? 0 : 1;
}

}  // namespace
}  // namespace tenantry::simulation

int main(int argc, char** argv) {
  using namespace tenantry::simulation;
  Arguments arguments;
  CLI::App app("Engine, provider, state and cloud in one process, over a virtual clock");
  app.add_option("--first", arguments.first, "The first seed")->capture_default_str();
  app.add_option("--seeds", arguments.seeds, "How many")->capture_default_str();
  app.add_option("--seed", arguments.seed, "This seed alone");
  app.add_option("--jobs", arguments.jobs, "Processes to share them")->capture_default_str();
  app.add_flag("--trace", arguments.trace, "Print everything that happens");
  app.add_flag("--trace-calm", arguments.trace_calm,
               "The same of the cloud in which nothing goes wrong");
  app.add_flag("--replay", arguments.replay, "Run each seed twice and compare");
  app.add_flag("--expect-failure", arguments.expect_failure, "Succeed where a seed fails");
  std::map<std::string, Plant> const plants{{"no-intent", Plant::no_intent},
                                            {"outcome-before-call", Plant::outcome_before_call},
                                            {"split-outcome", Plant::split_outcome}};
  app.add_option("--plant", arguments.plant, "A bug to be found")
      ->transform(CLI::CheckedTransformer(plants));
  CLI11_PARSE(app, argc, argv);
  if (arguments.seed != 0) {
    arguments.first = arguments.seed;
    arguments.seeds = 1;
  }
  return run(arguments);
}
