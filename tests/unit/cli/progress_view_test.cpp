#include "cli/progress_view.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/plan_tenants.hpp"

using namespace tenantry;
using namespace std::chrono_literals;

namespace {

std::size_t lines_in(std::string const& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

plans::Change change_of(std::string tenant, std::string key) {
  plans::Change change;
  change.address = Address{std::move(tenant), "groups", std::move(key)};
  change.action = plans::Action::create;
  return change;
}

plans::Change change_of(std::string key) { return change_of("acme", std::move(key)); }

/// A plan of `tenants` tenants t0, t1, ... with two changes each.
plans::Plan fleet_plan(int tenants) {
  plans::Plan plan;
  for (int i = 0; i < tenants; ++i) {
    plans::TenantPlan tenant;
    tenant.key = fmt::format("t{}", i);
    tenant.changes = {change_of(tenant.key, "one"), change_of(tenant.key, "two")};
    REQUIRE(plan.tenants.add(tenant).has_value());
  }
  return plan;
}

struct Fixture {
  test::CapturedConsole captured;
  test::FakeClock clock;
  cli::ProgressView view{captured.console, clock};

  void on_a_terminal(std::size_t columns = 80) {
    captured.console.set_style({.live_line = true, .columns = columns});
    clock.advance(1s);
  }
  /// What stands on the terminal's last lines.
  std::string drawn() const {
    auto const at = captured.error.rfind("\x1b[");
    return at == std::string::npos ? captured.error : captured.error.substr(at + 3);
  }
};

}  // namespace

TEST_SUITE("progress_view") {
  TEST_CASE_FIXTURE(Fixture, "off a terminal: a line for each change of a few tenants") {
    auto const one = change_of("one");
    auto const two = change_of("two");
    view.change_started(one);
    view.change_started(two);
    clock.advance(1200ms);
    view.change_done(one);
    view.change_failed(two, Error(Errc::conflict, "exists already"));
    view.tenant_applied("acme");
    CHECK(captured.error ==
          "acme/groups/one: created (1.2 s)\n"
          "acme/groups/two: create failed (1.2 s): exists already\n"
          "acme: 1 change done, 1 failed in 1.2 s\n");
    CHECK(captured.output.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "off a terminal: a fleet gets a line for each tenant and failure") {
    auto const plan = fleet_plan(30);
    view.expect(plan);
    view.run_started(30);
    for (auto const& tenant : plan.tenants) view.tenant_started(tenant.key);
    clock.advance(2500ms);
    for (auto const& tenant : test::tenants_of(plan)) {
      view.change_started(tenant.changes[0]);
      view.change_done(tenant.changes[0]);
      view.secret_delivered(tenant.changes[0].address, "file x");
      view.tenant_applied(tenant.key);
    }
    CHECK(lines_in(captured.error) == 30);
    CHECK(captured.error.starts_with("t0: 1 change done, 1 not begun in 2.5 s\n"));
    view.change_failed(test::change_at(plan, 3, 1), Error(Errc::conflict, "exists already"));
    CHECK(captured.error.ends_with("t3/groups/two: create failed: exists already\n"));
  }

  TEST_CASE_FIXTURE(Fixture, "a tenant that cannot be worked on is told with its reason") {
    view.tenant_refused("acme", Error(Errc::locked, "acme is locked by others"));
    CHECK(captured.error == "acme: not applied: acme is locked by others\n");
  }

  TEST_CASE_FIXTURE(Fixture, "planning: a line for each tenth of a large fleet, none for a small") {
    view.run_started(200);
    for (int i = 0; i < 200; ++i) view.tenant_planned({});
    CHECK(lines_in(captured.error) == 10);
    captured.error.clear();
    view.run_started(3);
    for (int i = 0; i < 3; ++i) view.tenant_planned({});
    CHECK(captured.error.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "planning: a tenant that cannot be planned is told at once") {
    plans::TenantPlan plan;
    plan.key = "acme";
    plan.error = Error(Errc::connection, "no route to host");
    view.run_started(1);
    view.tenant_planned(plan);
    CHECK(captured.error == "acme: cannot be planned: no route to host\n");
  }

  TEST_CASE_FIXTURE(Fixture, "on a terminal: the total, and a line for each tenant in work") {
    on_a_terminal();
    auto const plan = fleet_plan(4);
    view.expect(plan);
    view.run_started(4);
    view.tenant_started("t0");
    view.change_started(test::change_at(plan, 0, 0));
    clock.advance(2s);
    view.change_done(test::change_at(plan, 0, 0));
    view.change_started(test::change_at(plan, 0, 1));
    view.tenant_started("t1");
    view.change_started(test::change_at(plan, 1, 0));
    view.change_started(test::change_at(plan, 1, 1));
    view.change_progress(test::change_at(plan, 1, 0), "40 %");
    clock.advance(2s);
    view.tick();
    CHECK(drawn() ==
          "applying: 0 of 4 tenants, 1 of 8 changes, 0.2/s, 28 s left\n"
          "  t0  1/2  create groups/two (2.0 s)\n"
          "  t1  0/2  create groups/one: 40 % (2.0 s), and 1 more");
    view.finish();
    CHECK(captured.error.ends_with("\r\x1b[2A\x1b[J"));
  }

  TEST_CASE_FIXTURE(Fixture, "on a terminal: at most ten lines, and none wider than it is") {
    on_a_terminal(24);
    view.run_started(50);
    for (int i = 0; i < 30; ++i) {
      view.tenant_started(fmt::format("a-tenant-with-a-very-long-key-{}", i));
    }
    clock.advance(1s);
    view.tick();
    auto const text = drawn();
    CHECK(lines_in(text) == 9);
    CHECK(text.ends_with("\n  and 22 more"));
    for (std::size_t start = 0; start < text.size();) {
      auto const end = std::min(text.find('\n', start), text.size());
      CHECK(length_in_characters(text.substr(start, end - start)) <= 23);
      start = end + 1;
    }
  }

  TEST_CASE("on a low terminal: fewer tenants, and the rest is counted") {
    cli::TerminalFacts facts;
    facts.size_now = [] { return std::optional(cli::TerminalSize{.columns = 30, .rows = 5}); };
    test::CapturedConsole captured(facts);
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    captured.console.set_style({.live_line = true, .columns = 80});
    clock.advance(1s);
    view.run_started(50);
    for (int i = 0; i < 6; ++i) view.tenant_started(fmt::format("t{}", i));
    clock.advance(1s);
    view.tick();
    auto const drawn = captured.error.substr(captured.error.rfind("\x1b[") + 3);
    CHECK(drawn == "planning: 0 of 50 tenants\n  t0  1.0 s\n  t1  1.0 s\n  and 4 more");
  }

  TEST_CASE_FIXTURE(Fixture, "on a terminal: nothing is left when the last tenant is done") {
    on_a_terminal();
    view.run_started(1);
    view.tenant_started("acme");
    clock.advance(1s);
    view.tick();
    CHECK(drawn().starts_with("planning: 0 of 1 tenant"));
    plans::TenantPlan plan;
    plan.key = "acme";
    view.tenant_planned(plan);
    CHECK(captured.error.ends_with("\x1b[J"));
    auto const before = captured.error;
    view.tick();
    CHECK(captured.error == before);
  }

  TEST_CASE_FIXTURE(Fixture, "on a terminal: nothing is drawn over the question between waves") {
    on_a_terminal();
    view.run_started(2);
    view.tenant_started("t0");
    view.tenant_applied("t0");
    view.wave_ended({.name = "canary", .tenants = 1, .done = 1});
    CHECK(captured.error.ends_with("Wave canary: 1 tenant done, 0 failed\n"));
    auto const before = captured.error;
    clock.advance(1s);
    view.tick();
    CHECK(captured.error == before);
    view.tenant_started("t1");
    CHECK(captured.error.substr(before.size()).starts_with("planning: 1 of 2 tenants"));
  }

  TEST_CASE_FIXTURE(Fixture, "on a terminal: drawn some times a second, not for each event") {
    on_a_terminal();
    view.run_started(1000);
    captured.error.clear();
    for (int i = 0; i < 500; ++i) view.tenant_started(fmt::format("t{}", i));
    CHECK(captured.error.empty());
    clock.advance(60ms);
    view.tenant_started("next");
    CHECK(!captured.error.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "log level warning: progress is not told") {
    captured.console.set_style({.log_level = cli::LogLevel::warning});
    view.change_done(change_of("one"));
    view.tenant_applied("acme");
    CHECK(captured.error.empty());
  }
}

TEST_SUITE("rate_meter") {
  TEST_CASE("the rate is that of the last seconds: a run that slows down is told so") {
    cli::RateMeter meter;
    SteadyTime now{};
    std::size_t total = 0;
    meter.note(now, total);
    CHECK(meter.per_second(now) == 0);
    for (int i = 0; i < 100; ++i) meter.note(now += 100ms, total += 10);
    CHECK(meter.per_second(now) == doctest::Approx(100).epsilon(0.02));
    for (int i = 0; i < 300; ++i) meter.note(now += 100ms, total += 1);
    CHECK(meter.per_second(now) == doctest::Approx(10).epsilon(0.05));
    CHECK(meter.per_second(now + 20s) < 6);
  }
}
