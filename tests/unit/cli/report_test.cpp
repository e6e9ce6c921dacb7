#include "cli/report.hpp"

#include <doctest/doctest.h>

#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"

using namespace tenantry;

namespace {

run::ChangeReport entry(std::string key, run::Status status, std::string reason = {},
                        std::optional<Error> error = {}) {
  return {Address{"acme", "groups", std::move(key)}, plans::Action::create, status,
          std::move(reason), std::move(error)};
}

run::ApplyReport report_of(std::vector<run::ChangeReport> changes) {
  run::ApplyReport report;
  for (auto& change : changes) report.add(std::move(change));
  return report;
}

}  // namespace

TEST_SUITE("report") {
  TEST_CASE("report_text: all done is one line") {
    run::ApplyReport report;
    CHECK(cli::report_text(report, "tenantry apply") == "Nothing had to be changed.\n");
    report = report_of({entry("a", run::Status::done), entry("b", run::Status::done)});
    CHECK(cli::report_text(report, "tenantry apply") == "Applied: 2 done.\n");
  }

  TEST_CASE("report_text: what is left, why, and how to go on") {
    auto report = report_of(
        {entry("a", run::Status::done),
         entry("b", run::Status::failed, {}, Error(Errc::conflict, "exists already", "adopt it")),
         entry("c", run::Status::never_started, "acme/groups/b failed"),
         entry("d", run::Status::unknown, {}, Error(Errc::lost_reply, "the connection broke"))});
    CHECK(cli::report_text(report, "tenantry apply --target acme") ==
          "Applied in part: 1 done, 1 failed, 1 never started, 1 unknown.\n"
          "\n"
          "Failed:\n"
          "  acme/groups/b (create): exists already\n"
          "    hint: adopt it\n"
          "\n"
          "Unknown (sent, but the answer was lost; the next run finds out):\n"
          "  acme/groups/d (create): the connection broke\n"
          "\n"
          "Never started:\n"
          "  acme/groups/c (create): acme/groups/b failed\n"
          "\n"
          "To go on: tenantry apply --target acme\n");
  }

  TEST_CASE("report_text: each wave, and why one was not started") {
    auto report =
        report_of({entry("a", run::Status::done),
                   entry("b", run::Status::never_started, "wave rest was not started: so it is")});
    report.waves = {{.name = "canary", .tenants = 3, .done = 1, .failed = 1, .started = true},
                    {.name = "middle"},
                    {.name = "rest", .tenants = 597, .stopped_because = "2 tenants failed"}};
    auto const text = cli::report_text(report, "tenantry apply");
    CHECK(text.find("Waves:\n"
                    "  canary: 1 tenant done, 1 failed, 1 not begun\n"
                    "  middle: nothing to do\n"
                    "  rest: 597 tenants not begun; not started: 2 tenants failed\n") !=
          std::string::npos);
  }

  TEST_CASE("report_text: what a guard alone stops is not to be tried again as it is") {
    auto report = report_of({entry("a", run::Status::never_started, "a guard stops this tenant")});
    report.stopped_by_guard = true;
    auto const text = cli::report_text(report, "tenantry apply");
    CHECK(text.find("--acknowledge") != std::string::npos);
    CHECK(text.find("To go on") == std::string::npos);
    report.add(entry("b", run::Status::failed));
    CHECK(cli::report_text(report, "tenantry apply").find("To go on") != std::string::npos);
  }

  TEST_CASE("report_text: an interruption is named first") {
    auto report = report_of({entry("a", run::Status::never_started, "stopped")});
    report.interrupted = true;
    CHECK(cli::report_text(report, "x").starts_with("Interrupted: 0 done, 1 never started.\n"));
  }

  TEST_CASE("report_text: tenants that were never begun count with all their changes") {
    auto report = report_of({entry("a", run::Status::never_started, "stopped")});
    report.interrupted = true;
    report.not_begun = {{.index = 1, .changes = 30, .reason = "stopped"},
                        {.index = 2, .changes = 40, .reason = "stopped"}};
    auto const text = cli::report_text(report, "x");
    CHECK(text.starts_with("Interrupted: 0 done, 71 never started.\n"));
    CHECK_FALSE(report.is_all_done());
  }

  TEST_CASE("report_text: a long list is cut") {
    run::ApplyReport report;
    for (int i = 0; i < 60; ++i) report.add(entry("x", run::Status::failed));
    CHECK(cli::report_text(report, {}).find("  and 10 more\n") != std::string::npos);
  }

  TEST_CASE("command_again: the same flags, quoted, without the values of variables") {
    test::CapturedConsole captured;
    test::FakeClock clock;
    SeededRandom random(1);
    cli::GlobalOptions global;
    global.configs = {"my fleet"};
    global.state = "s.state";
    cli::Invocation const invocation{global, "apply", captured.console, {}, clock, random};
    cli::PlanningArguments planning;
    planning.configuration.emulated = true;
    planning.configuration.variables = {"secret=s3cret"};
    planning.targets = {"*/groups/*"};
    planning.adopt = true;
    CHECK(cli::command_again(invocation, "apply", planning) ==
          "tenantry apply --config 'my fleet' --state s.state --var secret=... --emulated "
          "--target '*/groups/*' --adopt");
  }

  TEST_CASE("command_to_go_on: the saved plan again, unless a part of it is out of date") {
    test::CapturedConsole captured;
    test::FakeClock clock;
    SeededRandom random(1);
    cli::GlobalOptions const global;
    cli::Invocation const invocation{global, "apply", captured.console, {}, clock, random};
    plans::Plan plan;
    plan.flags = {"--target", "*/groups/*", "--destroy"};
    auto report = report_of({entry("a", run::Status::done), entry("b", run::Status::failed)});
    cli::PlanningArguments planning;
    planning.configuration.emulated = true;
    auto const again = "tenantry apply --emulated 'my plan'";
    CHECK(cli::command_to_go_on(invocation, planning, "my plan", plan, report) == again);
    report.add(entry("c", run::Status::stale));
    auto const anew = std::string("tenantry plan --emulated --target '*/groups/*' --destroy ") +
                      "--out 'my plan' && " + again;
    CHECK(cli::command_to_go_on(invocation, planning, "my plan", plan, report) == anew);
    report.changes.pop_back();
    plans::TenantPlan broken;
    broken.error = Error(Errc::connection, "no route");
    REQUIRE(plan.tenants.add(broken).has_value());
    CHECK(cli::command_to_go_on(invocation, planning, "my plan", plan, report) == anew);
  }

  TEST_CASE("report_text: what an earlier run of the plan did is counted apart") {
    auto again = entry("b", run::Status::done);
    again.earlier = true;
    auto const report = report_of({entry("a", run::Status::done), again});
    CHECK(cli::report_text(report, "x") == "Applied: 2 done (1 by an earlier run of this plan).\n");
  }

  TEST_CASE("shell_word: quotes what a shell would read otherwise") {
    CHECK(cli::shell_word("plain-1.yaml") == "plain-1.yaml");
    CHECK(cli::shell_word("") == "''");
    CHECK(cli::shell_word("it's") == "'it'\\''s'");
    CHECK(cli::shell_word("$(x)") == "'$(x)'");
  }
}
