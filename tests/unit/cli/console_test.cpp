#include "cli/console.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/progress_view.hpp"
#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"

using namespace tenantry;
using cli::LogLevel;
using test::CapturedConsole;

namespace {

Diagnostics many(int errors, int warnings) {
  Diagnostics diagnostics;
  for (int i = 1; i <= warnings; ++i) diagnostics.warning({"a.yaml", i, 1}, "looks odd");
  for (int i = 1; i <= errors; ++i) diagnostics.error({"b.yaml", i, 1}, "is wrong");
  return diagnostics;
}

std::size_t lines_in(std::string const& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

plans::Change change_of(std::string key) {
  plans::Change change;
  change.address = Address{"acme", "groups", std::move(key)};
  change.action = plans::Action::create;
  return change;
}

}  // namespace

TEST_SUITE("console") {
  TEST_CASE("diagnostics_text: sorted by place, in the form of compilers") {
    Diagnostics diagnostics;
    diagnostics.error({"tenantry.yaml", 12, 7}, "unknown key", "`grops` is not known",
                      "did you mean `groups`?");
    diagnostics.warning({"tenantry.yaml", 3, 1}, "looks odd");
    CHECK(cli::diagnostics_text(diagnostics, LogLevel::info) ==
          "tenantry.yaml:3:1: warning: looks odd\n"
          "tenantry.yaml:12:7: error: unknown key\n"
          "  `grops` is not known\n"
          "  hint: did you mean `groups`?\n");
  }

  TEST_CASE("diagnostics_text: at most 200, and then how many more") {
    CHECK(lines_in(cli::diagnostics_text(many(200, 0), LogLevel::info)) == 200);
    auto const text = cli::diagnostics_text(many(205, 0), LogLevel::info);
    CHECK(lines_in(text) == 201);
    CHECK(text.ends_with("and 5 more\n"));
  }

  TEST_CASE("diagnostics_text: where not all fit, errors go before warnings") {
    auto const text = cli::diagnostics_text(many(2, 300), LogLevel::info);
    CHECK(text.starts_with("b.yaml:1:1: error: is wrong\n"));
    CHECK(text.ends_with("and 102 more\n"));
  }

  TEST_CASE("diagnostics_text: warnings are left out at level error") {
    CHECK(cli::diagnostics_text(many(0, 3), LogLevel::error).empty());
    CHECK(lines_in(cli::diagnostics_text(many(1, 3), LogLevel::warning)) == 4);
  }

  TEST_CASE("error: hint below, control characters made visible") {
    CapturedConsole captured;
    captured.console.error(Error(Errc::io, "bad \x1b[2J name", "rename it"), "acme");
    CHECK(captured.error == "error: acme: bad \\x1b[2J name\n  hint: rename it\n");
    CHECK(captured.output.empty());
  }

  TEST_CASE("out: the first failed write is remembered") {
    CapturedConsole captured;
    captured.console.out("fine\n");
    CHECK(captured.console.output_error() == 0);
    captured.output_broken = true;
    captured.console.out("lost\n");
    CHECK(captured.console.output_error() != 0);
    CHECK(captured.output == "fine\n");
  }

  TEST_CASE("status: is taken away before a line and put back after it") {
    CapturedConsole captured;
    captured.console.set_style({.live_line = true, .columns = 20});
    captured.console.status("working");
    captured.console.out("result\n");
    CHECK(captured.output == "result\n");
    CHECK(captured.error == "working\r\x1b[Kworking");
    captured.console.status({});
    CHECK(captured.error == "working\r\x1b[Kworking\r\x1b[K");
  }

  TEST_CASE("status: never wraps, and counts characters instead of bytes") {
    CapturedConsole captured;
    captured.console.set_style({.live_line = true, .columns = 6});
    captured.console.status("äöüäöü");
    CHECK(captured.error == "äöüä…");
  }

  TEST_CASE("status: nothing is drawn off a terminal") {
    CapturedConsole captured;
    captured.console.status("working");
    CHECK(captured.error.empty());
  }
}

TEST_SUITE("progress_view") {
  TEST_CASE("off a terminal: one line for each change that ended") {
    CapturedConsole captured;
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    auto const one = change_of("one");
    auto const two = change_of("two");
    view.change_started(one);
    view.change_started(two);
    clock.advance(std::chrono::milliseconds(1200));
    view.change_done(one);
    view.change_failed(two, Error(Errc::conflict, "exists already"));
    view.tenant_applied("acme");
    CHECK(captured.error ==
          "acme/groups/one: created (1.2 s)\n"
          "acme/groups/two: create failed (1.2 s): exists already\n"
          "acme: complete\n");
    CHECK(captured.output.empty());
  }

  TEST_CASE("planning: a line for each tenth of a large fleet, none for a small one") {
    CapturedConsole captured;
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    view.run_started(200);
    for (int i = 0; i < 200; ++i) view.tenant_planned({});
    CHECK(lines_in(captured.error) == 10);
    captured.error.clear();
    view.run_started(3);
    for (int i = 0; i < 3; ++i) view.tenant_planned({});
    CHECK(captured.error.empty());
  }

  TEST_CASE("planning: a tenant that cannot be planned is told at once") {
    CapturedConsole captured;
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    plans::TenantPlan plan;
    plan.key = "acme";
    plan.error = Error(Errc::connection, "no route to host");
    view.run_started(1);
    view.tenant_planned(plan);
    CHECK(captured.error == "acme: cannot be planned: no route to host\n");
  }

  TEST_CASE("on a terminal: the status line names what is going on and ends with it") {
    CapturedConsole captured;
    captured.console.set_style({.live_line = true, .columns = 80});
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    view.expect_changes(2);
    clock.advance(std::chrono::seconds(1));
    view.change_started(change_of("one"));
    CHECK(captured.error.ends_with("[0/2] acme/groups/one"));
    view.finish();
    CHECK(captured.error.ends_with("\r\x1b[K"));
  }

  TEST_CASE("log level warning: progress is not told") {
    CapturedConsole captured;
    captured.console.set_style({.log_level = LogLevel::warning});
    test::FakeClock clock;
    cli::ProgressView view(captured.console, clock);
    view.change_done(change_of("one"));
    CHECK(captured.error.empty());
  }
}
