#include "cli/state_path.hpp"

#include <doctest/doctest.h>

#include <map>

#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"

using namespace tenantry;
using config::Target;

namespace {

struct Fixture {
  test::CapturedConsole captured;
  test::FakeClock clock;
  SeededRandom random{1};
  cli::GlobalOptions global;
  config::StateSettings settings;
  std::map<std::string, std::string> variables;

  Result<std::filesystem::path> path(Target target = Target::qlik_cloud) {
    cli::Invocation const invocation{
        global,
        "plan",
        captured.console,
        [this](std::string const& name) {
          auto const found = variables.find(name);
          return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        clock,
        random};
    return cli::state_path(invocation, settings, "/fleet", target);
  }
};

}  // namespace

TEST_SUITE("state_path") {
  TEST_CASE_FIXTURE(Fixture, "by default beside the configuration") {
    CHECK(path().value() == "/fleet/tenantry.state");
  }

  TEST_CASE_FIXTURE(Fixture, "the configuration's path is relative to the configuration") {
    settings.path = "states/eu.state";
    CHECK(path().value() == "/fleet/states/eu.state");
    settings.path = "/var/lib/eu.state";
    CHECK(path().value() == "/var/lib/eu.state");
  }

  TEST_CASE_FIXTURE(Fixture, "--state wins over everything and is relative to where we are") {
    settings.path = "states/eu.state";
    settings.backend = "postgres";
    variables["TENANTRY_STATE_DSN"] = "postgres://db";
    global.state = "mine.state";
    CHECK(path().value() == "mine.state");
    CHECK(path(Target::emulated).value() == "mine.state");
  }

  TEST_CASE_FIXTURE(Fixture, "--emulated has a state of its own") {
    settings.path = "states/eu.state";
    settings.backend = "postgres";
    variables["TENANTRY_STATE_DSN"] = "postgres://db";
    CHECK(path(Target::emulated).value() == "/fleet/.tenantry/emulated.state");
  }

  TEST_CASE_FIXTURE(Fixture, "a PostgreSQL state is refused, and its DSN not shown") {
    variables["TENANTRY_STATE_DSN"] = "postgres://user:s3cret@db";
    auto const refused = path();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("not in this version") != std::string::npos);
    CHECK(refused.error().message.find("s3cret") == std::string::npos);
    variables.clear();
    settings.backend = "postgres";
    settings.where = {"tenantry.yaml", 4, 3};
    CHECK(path().error().message.starts_with("tenantry.yaml:4:3: "));
  }
}
