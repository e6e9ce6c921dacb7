#include "cli/console.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

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
    captured.console.status({"working"});
    captured.console.out("result\n");
    CHECK(captured.output == "result\n");
    CHECK(captured.error == "working\r\x1b[Kworking");
    captured.console.status({});
    CHECK(captured.error == "working\r\x1b[Kworking\r\x1b[K");
  }

  TEST_CASE("status: never wraps, and counts characters instead of bytes") {
    CapturedConsole captured;
    captured.console.set_style({.live_line = true, .columns = 6});
    captured.console.status({"äöüäöü"});
    CHECK(captured.error == "äöüä…");
  }

  TEST_CASE("status: several lines are taken away together, from the first one on") {
    CapturedConsole captured;
    captured.console.set_style({.live_line = true, .columns = 20});
    captured.console.status({"one", "two", "three"});
    CHECK(captured.error == "one\ntwo\nthree");
    captured.console.status({"four"});
    CHECK(captured.error == "one\ntwo\nthree\r\x1b[2A\x1b[Jfour");
    captured.error.clear();
    captured.console.note("a line");
    CHECK(captured.error == "\r\x1b[Ka line\nfour");
  }

  TEST_CASE("status: a terminal is as large as it is now") {
    cli::TerminalSize size{.columns = 12, .rows = 4};
    cli::TerminalFacts facts;
    facts.size_now = [&] { return std::optional(size); };
    CapturedConsole captured(facts);
    captured.console.set_style({.live_line = true, .columns = 40});
    captured.console.status({"0123456789", "0123456789abcdef", "three", "four"});
    CHECK(captured.error == "0123456789\n0123456789…\nthree");  // a line is left for other text
    captured.error.clear();
    size.columns = 6;  // what stood there takes two rows, two rows, and one
    size.rows = 50;
    captured.console.status({"one"});
    CHECK(captured.error == "\r\x1b[4A\x1b[Jone");
    captured.error.clear();
    size = {.columns = 1, .rows = 1};
    captured.console.status({"x", "y"});
    CHECK(captured.error == "\r\x1b[Kx");
  }

  TEST_CASE("status: nothing is drawn off a terminal") {
    CapturedConsole captured;
    captured.console.status({"working"});
    CHECK(captured.error.empty());
  }
}
