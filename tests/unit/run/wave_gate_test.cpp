#include "engine/run/wave_gate.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/plan_tenants.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::run {
namespace asio = boost::asio;
namespace {

class Events final : public Observer {
 public:
  void wave_started(WaveReport const& wave) override { seen.push_back("started " + wave.name); }
  void wave_passed(WaveReport const& wave) override { seen.push_back("passed " + wave.name); }
  void wave_ended(WaveReport const& wave) override { seen.push_back("ended " + wave.name); }
  std::vector<std::string> seen;
};

plans::TenantPlan changing(std::string key, std::string wave) {
  plans::TenantPlan plan;
  plan.key = key;
  plan.wave = std::move(wave);
  plans::Change change;
  change.address = {std::move(key), "groups", "analysts"};
  change.action = plans::Action::update;
  plan.changes.push_back(std::move(change));
  return plan;
}

/// Two waves: a and b are the canaries, c and d the rest.
struct Fixture {
  explicit Fixture(std::int64_t failures_max = 0) {
    plan.waves = {{"canary", 2, failures_max}, {"rest", 2, failures_max}};
    planned = {changing("a", "canary"), changing("b", "canary"), changing("c", "rest"),
               changing("d", "rest")};
    auto opened = state::open_local_store(io.get_executor(), folder.path() / "tenantry.state",
                                          state::OpenMode::create_if_missing, clock, random);
    REQUIRE(opened.has_value());
    store = std::move(*opened);
  }

  WaveGate gate() {
    tenants.clear();
    plan.tenants = test::packed(planned);
    for (auto const& tenant : plan.tenants) {
      if (!tenant.error && tenant.has_changes()) tenants.push_back(&tenant);
    }
    return {*store, events, stop, plan, options, tenants};
  }
  bool enter(WaveGate& gate, std::size_t step) {
    return get([](WaveGate& at, std::size_t which) -> Task<bool> {
      bool const entered = co_await at.enter(which);
      co_return entered;
    }(gate, step));
  }
  void end(WaveGate& gate, std::size_t tenant, TenantEnd how) {
    get([](WaveGate& at, plans::TenantSummary const& plan, TenantEnd end) -> Task<void> {
      co_await at.ended(plan, end);
      co_return Result<void>();
    }(gate, plan.tenants[tenant], how));
  }
  template <class T>
  T get(Task<T> task) {
    auto result = test::run_on(io, std::move(task));
    REQUIRE(result.has_value());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  test::TempFolder folder;
  test::FakeClock clock;
  SeededRandom random{7};
  asio::io_context io;
  std::unique_ptr<state::Store> store;
  Events events;
  StopFlag stop;
  plans::Plan plan;
  ApplyOptions options;
  std::vector<plans::TenantPlan> planned;  ///< what the plan of the next gate holds
  std::vector<plans::TenantSummary const*> tenants;
};

}  // namespace

TEST_SUITE("wave gate") {
  TEST_CASE("waves follow each other when all is done") {
    Fixture f;
    auto gate = f.gate();
    CHECK(gate.steps() == std::vector<std::vector<std::size_t>>{{0, 1}, {2, 3}});
    for (std::size_t step = 0; step < 2; ++step) {
      CHECK(f.enter(gate, step));
      f.end(gate, 2 * step, TenantEnd::done);
      f.end(gate, 2 * step + 1, TenantEnd::done);
      gate.leave();
    }
    CHECK(f.events.seen ==
          std::vector<std::string>{"started canary", "ended canary", "started rest", "ended rest"});
    auto const reports = gate.take_reports();
    REQUIRE(reports.size() == 2);
    CHECK(reports[1].done == 2);
    CHECK(reports[1].stopped_because.empty());
  }

  TEST_CASE("past maxFailures the wave stops, and the next one is not entered") {
    Fixture f;
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    CHECK(gate.is_open());
    f.end(gate, 0, TenantEnd::failed);
    CHECK_FALSE(gate.is_open());
    CHECK(gate.reason(f.plan.tenants[1]) ==
          "wave canary was stopped: 1 tenant of wave canary had failed, rollout.maxFailures allows "
          "0");
    gate.leave();
    CHECK_FALSE(f.enter(gate, 1));
    CHECK(
        gate.reason(f.plan.tenants[2]) ==
        "wave rest was not started: 1 tenant of wave canary had failed, rollout.maxFailures allows "
        "0");
    auto const reports = gate.take_reports();
    CHECK_FALSE(reports[1].started);
    CHECK(reports[0].stopped_because == reports[1].stopped_because);
  }

  TEST_CASE("a tenant that another run of the group holds has failed for this run alone") {
    Fixture f;
    f.options.run.group = "pipeline";
    f.planned[0].error = Error(Errc::locked, "held by another run");
    f.planned[0].changes.clear();
    auto gate = f.gate();
    f.enter(gate, 0);
    CHECK_FALSE(gate.is_open());
    CHECK(gate.take_reports()[0].failed == 1);

    Fixture other;  // of the same group and state
    other.options.run.group = "pipeline";
    other.store = std::move(f.store);
    auto next = other.gate();
    CHECK(other.enter(next, 0));
    CHECK(next.is_open());
    other.store = nullptr;
  }

  TEST_CASE("as many failures as allowed do not stop; those of one wave do not count in the next") {
    Fixture f(1);
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    f.end(gate, 0, TenantEnd::failed);
    f.end(gate, 1, TenantEnd::done);
    gate.leave();
    CHECK(f.enter(gate, 1));
    f.end(gate, 2, TenantEnd::failed);
    CHECK(gate.is_open());
    f.end(gate, 3, TenantEnd::failed);
    CHECK_FALSE(gate.is_open());
  }

  TEST_CASE("a tenant that could not be planned has failed before anything begins") {
    Fixture f;
    f.planned[0].changes.clear();
    f.planned[0].error = Error(Errc::io, "unreachable");
    auto gate = f.gate();
    CHECK_FALSE(f.enter(gate, 0));
    CHECK(gate.reason(f.plan.tenants[1]).starts_with("wave canary was not started: 1 tenant"));
  }

  TEST_CASE("a wave without changes is passed, and nobody is asked after it") {
    Fixture f;
    f.planned[0].changes.clear();
    f.planned[1].changes.clear();
    f.options.approve_wave = [](auto const&, auto const&) -> Task<bool> { co_return false; };
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    gate.leave();
    CHECK(f.enter(gate, 1));
    CHECK(f.events.seen == std::vector<std::string>{"passed canary", "started rest"});
  }

  TEST_CASE("a no between waves stops the rollout, and who is asked sees how the wave went") {
    Fixture f(1);
    std::vector<std::string> asked;
    f.options.approve_wave = [&](WaveReport const& before, WaveReport const& next) -> Task<bool> {
      asked.push_back(before.name + ' ' + std::to_string(before.failed) + ' ' + next.name);
      co_return false;
    };
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    CHECK(asked.empty());
    f.end(gate, 0, TenantEnd::done);
    f.end(gate, 1, TenantEnd::failed);
    gate.leave();
    CHECK_FALSE(f.enter(gate, 1));
    CHECK(asked == std::vector<std::string>{"canary 1 rest"});
    CHECK(gate.reason(f.plan.tenants[2]) == "wave rest was not started: it was not approved");
  }

  TEST_CASE("what a guard stops is no failure, but canaries that are all stopped prove nothing") {
    Fixture f;
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    f.end(gate, 0, TenantEnd::guarded);
    SUBCASE("one of them") {
      f.end(gate, 1, TenantEnd::done);
      gate.leave();
      CHECK(f.enter(gate, 1));
    }
    SUBCASE("all of them") {
      f.end(gate, 1, TenantEnd::guarded);
      gate.leave();
      CHECK_FALSE(f.enter(gate, 1));
    }
  }

  TEST_CASE("a stopped run does not enter the next wave") {
    Fixture f;
    auto gate = f.gate();
    CHECK(f.enter(gate, 0));
    f.end(gate, 0, TenantEnd::done);
    f.end(gate, 1, TenantEnd::left);
    f.stop.request();
    gate.leave();
    CHECK_FALSE(f.enter(gate, 1));
    CHECK(gate.reason(f.plan.tenants[2]) == "wave rest was not started: the run was stopped");
  }

  TEST_CASE("runs of one group share the failures of a wave, and a failed one may be tried again") {
    Fixture f;
    f.options.run.group = "pipeline-7";
    {
      auto other = f.gate();
      CHECK(f.enter(other, 0));
      f.end(other, 0, TenantEnd::failed);
    }
    // Another shard, without a canary of its own.
    f.planned.erase(f.planned.begin(), f.planned.begin() + 2);
    {
      auto gate = f.gate();
      CHECK_FALSE((f.enter(gate, 0) && f.enter(gate, 1)));
    }
    // The failed one is tried again.
    f.planned.insert(f.planned.begin(), changing("a", "canary"));
    {
      auto rerun = f.gate();
      CHECK(f.enter(rerun, 0));
      f.end(rerun, 0, TenantEnd::failed);
      CHECK_FALSE(rerun.is_open());
    }
    {
      auto rerun = f.gate();
      CHECK(f.enter(rerun, 0));
      f.end(rerun, 0, TenantEnd::done);
      rerun.leave();
      CHECK(f.enter(rerun, 1));
    }
    f.planned.erase(f.planned.begin());
    {
      auto other = f.gate();
      CHECK(f.enter(other, 0));
      other.leave();
      CHECK(f.enter(other, 1));
    }
  }

  TEST_CASE("without a rollout there is one step that is always open") {
    Fixture f;
    f.plan.waves.clear();
    for (auto& tenant : f.planned) tenant.wave.clear();
    auto gate = f.gate();
    CHECK(gate.steps() == std::vector<std::vector<std::size_t>>{{0, 1, 2, 3}});
    CHECK(f.enter(gate, 0));
    f.end(gate, 0, TenantEnd::failed);
    CHECK(gate.is_open());
    gate.leave();
    CHECK(gate.take_reports().empty());
    CHECK(f.events.seen.empty());
  }
}
}  // namespace tenantry::run
