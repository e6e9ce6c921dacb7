#include "cli/terminal.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace tenantry::cli;

namespace {

EnvironmentReader environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string const& name) {
    auto const found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

bool colored(bool terminal, std::map<std::string, std::string> variables,
             ColorChoice choice = ColorChoice::automatic) {
  return use_color(choice, terminal, environment_of(std::move(variables)));
}

}  // namespace

TEST_SUITE("terminal") {
  TEST_CASE("use_color: a terminal is coloured, a pipe is not") {
    CHECK(colored(true, {{"TERM", "xterm"}}));
    CHECK_FALSE(colored(false, {{"TERM", "xterm"}}));
  }

  TEST_CASE("use_color: NO_COLOR, a dumb terminal and CI turn colour off") {
    CHECK_FALSE(colored(true, {{"NO_COLOR", "1"}}));
    CHECK_FALSE(colored(true, {{"TERM", "dumb"}}));
    CHECK_FALSE(colored(true, {{"CI", "true"}}));
  }

  TEST_CASE("use_color: an empty NO_COLOR says nothing") {
    CHECK(colored(true, {{"NO_COLOR", ""}, {"TERM", "xterm"}}));
  }

  TEST_CASE("use_color: CLICOLOR_FORCE turns colour on where nothing else would") {
    CHECK(colored(false, {{"CLICOLOR_FORCE", "1"}}));
    CHECK(colored(true, {{"CLICOLOR_FORCE", "1"}, {"TERM", "dumb"}, {"CI", "1"}}));
    CHECK_FALSE(colored(false, {{"CLICOLOR_FORCE", "0"}}));
    CHECK_FALSE(colored(false, {{"CLICOLOR_FORCE", ""}}));
    CHECK_FALSE(colored(true, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}, {"TERM", "xterm"}}));
    CHECK_FALSE(colored(true, {{"CLICOLOR_FORCE", "1"}}, ColorChoice::never));
  }

  TEST_CASE("use_color: --color wins over everything else") {
    CHECK(colored(false, {{"NO_COLOR", "1"}, {"TERM", "dumb"}}, ColorChoice::always));
    CHECK_FALSE(colored(true, {{"TERM", "xterm"}}, ColorChoice::never));
  }

  TEST_CASE("use_live_line: only on a terminal that moves its cursor, and not in CI") {
    CHECK(use_live_line(true, environment_of({{"TERM", "xterm"}})));
    CHECK(use_live_line(true, environment_of({{"TERM", "xterm"}, {"NO_COLOR", "1"}})));
    CHECK_FALSE(use_live_line(false, environment_of({{"TERM", "xterm"}})));
    CHECK_FALSE(use_live_line(true, environment_of({{"TERM", "dumb"}})));
    CHECK_FALSE(use_live_line(true, environment_of({{"CI", "1"}})));
  }

  TEST_CASE("can_ask: somebody must see the question and be able to answer") {
    CHECK(can_ask({.input = true, .output = false, .error = true}));
    CHECK_FALSE(can_ask({.input = false, .output = true, .error = true}));
    CHECK_FALSE(can_ask({.input = true, .output = true, .error = false}));
  }
}
