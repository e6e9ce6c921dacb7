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

  cli::Invocation invocation() {
    return {global,
            "plan",
            captured.console,
            [this](std::string const& name) {
              auto const found = variables.find(name);
              return found == variables.end() ? std::nullopt : std::optional(found->second);
            },
            clock,
            random};
  }
  Result<state::StateLocation> location(Target target = Target::qlik_cloud) {
    return cli::state_location(invocation(), settings, secrets, "/fleet", target);
  }
  std::string place(Target target = Target::qlik_cloud) {
    auto const found = location(target);
    return found ? state::describe(*found) : describe(found.error());
  }

  /// The one sensitive variable is "dsn".
  struct Secrets final : config::Variables {
    Result<Secret> reveal(std::string const& name) const override {
      if (name == "dsn") return Secret("postgresql://me:s3cret@db/fleet");
      return Error(Errc::invalid, "no such variable");
    }
    SourceRange where(std::string const&) const override { return {}; }
    std::vector<std::string> secret_environment() const override { return {}; }
  } secrets;
};

}  // namespace

TEST_SUITE("state_path") {
  TEST_CASE_FIXTURE(Fixture, "by default beside the configuration") {
    CHECK(place() == "/fleet/tenantry.state");
  }

  TEST_CASE_FIXTURE(Fixture, "the configuration's path is relative to the configuration") {
    settings.path = "states/eu.state";
    CHECK(place() == "/fleet/states/eu.state");
    settings.path = "/var/lib/eu.state";
    CHECK(place() == "/var/lib/eu.state");
  }

  TEST_CASE_FIXTURE(Fixture, "--state wins over everything and is relative to where we are") {
    settings.path = "states/eu.state";
    settings.backend = "postgres";
    variables["TENANTRY_STATE_DSN"] = "postgres://db";
    global.state = "mine.state";
    CHECK(place() == "mine.state");
    CHECK(place(Target::emulated) == "mine.state");
  }

  TEST_CASE_FIXTURE(Fixture, "a connection string of another form is no file, and is not shown") {
    for (auto const* word : {"host=db dbname=fleet password=topsecret",
                             "mysql://me:topsecret@db/fleet", "postgress://me:topsecret@db/fleet"}) {
      global.state = word;
      CHECK(place().find("neither a file nor") != std::string::npos);
      CHECK(place().find("topsecret") == std::string::npos);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "--emulated has a state of its own") {
    settings.path = "states/eu.state";
    settings.backend = "postgres";
    variables["TENANTRY_STATE_DSN"] = "postgres://db";
    CHECK(place(Target::emulated) == "/fleet/.tenantry/emulated.state");
  }

  TEST_CASE_FIXTURE(Fixture, "a database is named by the configuration or by the environment") {
    settings.backend = "postgres";
    settings.dsn.text = make_deferred({{Segment::Kind::variable, "dsn"}});
    CHECK(place() == "postgresql://me@db:5432/fleet");
    variables["TENANTRY_STATE_DSN"] = "postgresql://ci:s3cret@other/fleet";
    CHECK(place() == "postgresql://ci@other:5432/fleet");
  }

  TEST_CASE_FIXTURE(Fixture, "a database without a DSN is refused at its place") {
    settings.backend = "postgres";
    settings.where = {"tenantry.yaml", 4, 3};
    CHECK(location().error().message.starts_with("tenantry.yaml:4:3: "));
    CHECK(location().error().hint.find("TENANTRY_STATE_DSN") != std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "a DSN that cannot be read is not shown") {
    variables["TENANTRY_STATE_DSN"] = "postgresql://me:s3c@ret@db";
    CHECK(place().find("TENANTRY_STATE_DSN: the connection string") == 0);
    CHECK(place().find("s3c") == std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture,
                    "--state names a database without a password, or a variable with one") {
    global.state = "postgresql://me@db/fleet";
    CHECK(place() == "postgresql://me@db:5432/fleet");
    global.state = "env:MINE";
    CHECK(place().find("the environment variable MINE is not set") == 0);
    variables["MINE"] = "postgresql://me:s3cret@db/fleet";
    CHECK(place() == "postgresql://me@db:5432/fleet");
    global.state = "postgresql://me:s3cret@db/fleet";
    CHECK(location().error().code == Errc::invalid);
    CHECK(place().find("can be read by every user") != std::string::npos);
    CHECK(place().find("s3cret") == std::string::npos);
  }
}
