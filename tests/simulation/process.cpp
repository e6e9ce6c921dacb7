#include "tests/simulation/process.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "engine/run/deposed_objects.hpp"
#include "providers/qlik/platform.hpp"
#include "providers/qlik/provider.hpp"
#include "state/journal.hpp"
#include "tests/simulation/memory_transport.hpp"
#include "tests/simulation/simulated_sinks.hpp"

namespace tenantry::simulation {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::hours kLifeMax{24};  // of one process, in virtual time

/// Runs `tasks` to their ends: what is ready first, and when nothing is, the next sleeper.
void drive(asio::io_context& io, VirtualClock& clock, std::vector<asio::awaitable<void>> tasks) {
  auto open = tasks.size();
  std::exception_ptr failure;
  for (auto& task : tasks) {
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown) {
      --open;
      if (thrown) failure = thrown;
    });
  }
  auto const deadline = clock.steady() + kLifeMax;
  while (open > 0 && !failure) {
    if (io.stopped()) io.restart();
    if (io.poll_one() > 0) continue;
    if (!clock.wake_next()) throw std::runtime_error("the process waits for nothing");
    if (clock.steady() > deadline) throw std::runtime_error("the process does not come to an end");
  }
  if (failure) std::rethrow_exception(failure);
}

/// Writes what people would see.
class Narrator final : public run::Observer {
 public:
  explicit Narrator(Trace& trace) : trace_(trace) {}
  void recovered(Address const& address, std::string const& what) override {
    trace_.add(fmt::format("recovered {}: {}", address.text(), what));
  }
  void wave_started(run::WaveReport const& wave) override {
    trace_.add(fmt::format("wave {} with {} tenants", wave.name, wave.tenants));
  }
  void wave_ended(run::WaveReport const& wave) override {
    trace_.add(fmt::format("wave {} ended: {} done, {} failed", wave.name, wave.done, wave.failed));
  }
  void change_started(plans::Change const& change) override {
    trace_.add(fmt::format("start {} {}", plans::name_of(change.action), change.address.text()));
  }
  void change_done(plans::Change const& change) override {
    done.push_back(change.address);
    trace_.add(fmt::format("done {} {}", plans::name_of(change.action), change.address.text()));
  }
  void change_failed(plans::Change const& change, Error const& error) override {
    trace_.add(fmt::format("failed {} {}: {}", plans::name_of(change.action), change.address.text(),
                           describe(error)));
  }

  std::vector<Address> done;  ///< changes

 private:
  Trace& trace_;
};

/// All that a process is made of. Members in the order in which they are needed.
class Process {
 public:
  Process(Installation& installation, config::Configuration const& configuration,
          ProcessOptions const& options)
      : installation_(installation),
        options_(options),
        clock_(installation.clock, options.clock_ahead),
        random_(installation.dice.random().next()),
        narrator_(installation.trace),
        lifeline_(installation.trace),
        transport_(installation.cloud, installation.clock, installation.dice, options.rates,
                   lifeline_, installation.trace),
        store_(installation.disk, clock_, installation.dice, options.rates, lifeline_,
               installation.trace, options.plant),
        sinks_(installation.vault, installation.clock, installation.dice, options.rates, lifeline_,
               installation.trace),
        platform_(make_platform(access_of(configuration), transport_, clock_, random_)),
        context_{configuration, qlik_provider(), *platform_, store_, clock_,
                 random_,       narrator_,       sinks_,     stop_} {
    number_ = ++installation.processes;
    lifeline_.end_after(options.end, options.end_after);
    lifeline_.on_end([this](Lifeline::End) {
      stop_.request();
      platform_->stop();
    });
  }

  asio::awaitable<void> run() {
    co_await clock_.sleep(options_.begins_after);
    installation_.trace.add(fmt::format("--- process {}, its clock is ahead by {} s", number_,
                                        options_.clock_ahead.count()));
    co_await carry_out(end_);
    end_.how = lifeline_.ended();
    end_.done = narrator_.done;
    if (end_.error) installation_.trace.add("error: " + describe(*end_.error));
  }
  ProcessEnd take_end() { return std::move(end_); }

 private:
  static PlatformAccess access_of(config::Configuration const& configuration) {
    Diagnostics diagnostics;
    auto access = run::platform_access(configuration, {}, diagnostics);
    ensure(access.has_value(), "the credentials of the scenario are at hand");
    return std::move(*access);
  }

  state::LockOwner owner() const {
    return {"simulation",
            static_cast<std::int64_t>(number_),
            "tenantry apply",
            {},
            format_time(clock_.wall())};
  }

  asio::awaitable<void> carry_out(ProcessEnd& out) {
    run::LockSet locks;
    run::PlanOptions planning;
    planning.allow_deactivate = true;
    planning.owner = owner();
    planning.lock_timeout = options_.lock_timeout;
    if (!options_.as_saved_plan) planning.locks = &locks;
    auto plan = co_await run::make_plan(context_, planning);
    if (!plan) {
      out.error = plan.error();
      co_return;
    }
    out.plan = std::move(*plan);
    note(*out.plan);
    installation_.cloud.allow_deletes(number_,
                                      deletable(*out.plan, installation_.disk.connection()));
    run::ApplyOptions applying;
    applying.run = {fmt::format("run-{}", number_),
                    "apply",
                    format_time(clock_.wall()),
                    {},
                    "simulation",
                    {},
                    {},
                    {}};
    applying.owner = owner();
    applying.verify_before_call = options_.as_saved_plan;
    if (!options_.as_saved_plan) {
      applying.locks = &locks;
      applying.planning = planning;
    }
    auto report = co_await run::apply_plan(context_, *out.plan, std::move(applying));
    if (report) {
      out.report = std::move(*report);
    } else {
      out.error = report.error();
    }
  }

  void note(plans::Plan const& plan) {
    each_tenant(plan, [&](plans::TenantPlan const& tenant) {
      if (tenant.error) installation_.trace.add("no plan: " + describe(*tenant.error));
      for (auto const& change : tenant.changes) {
        if (!change.changes_something()) continue;
        installation_.trace.add(fmt::format("plan {} {} ({})", plans::name_of(change.action),
                                            change.address.text(), plans::name_of(change.reason)));
      }
    });
  }

  /// What the plan lets go, with the objects that earlier replaces left behind.
  static Deletable deletable(plans::Plan const& plan, state::Connection& state) {
    Deletable out;
    each_tenant(plan, [&](plans::TenantPlan const& tenant) {
      auto const rows = state::journal::load(state, tenant.key);
      ensure(rows.has_value(), "the state can be read");
      for (auto const& [address, row] : rows->resources) {
        for (auto const& id : run::deposed_of(row)) out.whole.insert(id.text());
      }
      for (auto const& change : tenant.changes) {
        bool const goes =
            change.action == plans::Action::delete_ || change.action == plans::Action::replace;
        auto& ids = goes ? out.whole : out.parts;
        if (change.changes_something()) ids.insert(change.id.text());
        if (goes && change.address.section == "tenantSettings") ids.insert("tenant-settings");
      }
    });
    return out;
  }

  Installation& installation_;
  ProcessOptions const& options_;
  RunnerClock clock_;
  std::uint64_t number_ = 0;
  SeededRandom random_;
  run::StopFlag stop_;
  Narrator narrator_;
  Lifeline lifeline_;
  MemoryTransport transport_;
  SimulatedStore store_;
  SimulatedSinks sinks_;
  std::unique_ptr<Platform> platform_;
  run::Context context_;
  ProcessEnd end_;
};

/// The processes of one moment, and what they run on.
struct Machine {
  std::vector<std::unique_ptr<Process>> processes;
  asio::io_context io{1};  // ends first, with the coroutines that are left
};

}  // namespace

ProcessEnd apply(Installation& installation, config::Configuration const& configuration,
                 ProcessOptions const& options) {
  return std::move(apply_at_once(installation, configuration, {options}).front());
}

std::vector<ProcessEnd> apply_at_once(Installation& installation,
                                      config::Configuration const& configuration,
                                      std::vector<ProcessOptions> const& options) {
  auto machine = std::make_unique<Machine>();
  installation.cloud.forget_deletes();
  std::vector<asio::awaitable<void>> runs;
  for (auto const& each : options) {
    machine->processes.push_back(std::make_unique<Process>(installation, configuration, each));
    runs.push_back(machine->processes.back()->run());
  }
  try {
    drive(machine->io, installation.clock, std::move(runs));
  } catch (...) {
    // Where a process does not come to its end, its coroutines may not be torn down either.
    (void)machine.release();
    throw;
  }
  std::vector<ProcessEnd> ends;
  for (auto const& process : machine->processes) ends.push_back(process->take_end());
  return ends;
}

void each_tenant(plans::Plan const& plan,
                 std::function<void(plans::TenantPlan const&)> const& visit) {
  auto const read = plan.tenants.for_each(visit);
  ensure(read.has_value(), "a plan can be read");
}

Result<void> with_store(Installation& installation,
                        std::function<Task<void>(state::Store&)> const& task) {
  FaultRates const rates;
  Lifeline lifeline(installation.trace);
  SimulatedStore store(installation.disk, installation.clock, installation.dice, rates, lifeline,
                       installation.trace, Plant::none);
  asio::io_context io(1);
  Result<void> result;
  std::vector<asio::awaitable<void>> tasks;
  tasks.push_back([](Task<void> inner, Result<void>& out) -> asio::awaitable<void> {
    out = co_await std::move(inner);
  }(task(store), result));
  drive(io, installation.clock, std::move(tasks));
  return result;
}

}  // namespace tenantry::simulation
