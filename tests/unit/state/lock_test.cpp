#include <doctest/doctest.h>
#include <stdlib.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "state/lock_owner.hpp"
#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {
namespace {
using namespace std::chrono_literals;

TEST_SUITE("lock") {
  TEST_CASE("a cancelled wait ends as cancelled") {
    Fixture f;
    SystemClock clock;
    auto opened = LocalStore::open(f.io.get_executor(), f.file,
                                   LocalOptions{OpenMode::create_if_missing}, clock, f.random);
    REQUIRE(opened.has_value());
    auto const& store = *opened;
    auto const lock = f.get(store->lock("acme", owner_of(), 0ms));
    boost::asio::cancellation_signal stop;
    std::optional<Errc> code;
    boost::asio::co_spawn(f.io, store->lock("acme", owner_of(), 1h),
                          boost::asio::bind_cancellation_slot(
                              stop.slot(), [&](std::exception_ptr failure, auto result) {
                                REQUIRE(!failure);
                                code = result.error().code;
                              }));
    f.io.restart();
    f.io.run_for(10ms);
    stop.emit(boost::asio::cancellation_type::terminal);
    f.io.run();
    CHECK(code == Errc::cancelled);
  }

  TEST_CASE("no lock is given on a file that others would not find") {
    Fixture f;
    auto const store = f.open();
    auto const lock = f.get(store->lock("acme", owner_of(), 0ms));
    std::filesystem::remove(f.file.string() + ".lock");
    auto const refused = f.run(store->lock("globex", owner_of(), 0ms));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::io);
    CHECK(refused.error().message.ends_with("was removed or replaced while in use"));
  }

  TEST_CASE("the words of a dead process are not taken for those of the holder") {
    Fixture f;
    auto const one = f.open();
    auto const two = f.open();
    auto const lock = f.get(one->lock("acme", owner_of(), 0ms));
    pid_t dead = 0;
    {
      Child child([] { return 0; });
      dead = child.pid();
    }
    auto const self = this_process("tenantry apply", f.clock);
    f.sql(fmt::format("UPDATE lock_owners SET host = '{}', pid = {}", self.host, dead));
    auto const refused = f.run(two->lock("acme", owner_of(), 0ms));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().message == "acme is locked by another process that has just started");
  }
}

/// Sets variables for a scope, and hides all others that a CI may have set.
class Environment {
 public:
  explicit Environment(std::map<std::string, std::string> const& values) {
    for (auto const* const name :
         {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "CI_JOB_URL", "BUILD_URL"}) {
      auto const* const old = ::getenv(name);
      old_.emplace_back(name, old ? std::optional<std::string>(old) : std::nullopt);
      ::unsetenv(name);
    }
    for (auto const& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;
  ~Environment() {
    for (auto const& [name, value] : old_) {
      ::unsetenv(name.c_str());
      if (value) ::setenv(name.c_str(), value->c_str(), 1);
    }
  }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> old_;
};

TEST_SUITE("lock owner") {
  TEST_CASE("ci_run_url: the page of the job, by the variables of each CI") {
    CHECK([] {
      Environment const e({});
      return ci_run_url();
    }()
              .empty());
    {
      Environment const e({{"GITHUB_SERVER_URL", "https://github.com"},
                           {"GITHUB_REPOSITORY", "acme/fleet"},
                           {"GITHUB_RUN_ID", "42"}});
      CHECK(ci_run_url() == "https://github.com/acme/fleet/actions/runs/42");
    }
    {
      Environment const e({{"CI_JOB_URL", "https://user:token@gitlab.example/a/-/jobs/1?a=b@c"}});
      CHECK(ci_run_url() == "https://gitlab.example/a/-/jobs/1?a=b@c");
    }
    Environment const e({{"BUILD_URL", "https://jenkins.example/job/1/"}});
    CHECK(ci_run_url() == "https://jenkins.example/job/1/");
  }

  TEST_CASE("this_process: names the process") {
    test::FakeClock clock;
    auto const owner = this_process("tenantry apply", clock);
    CHECK(owner.pid == ::getpid());
    CHECK(owner.command == "tenantry apply");
    CHECK(owner.since == "2026-03-01T00:00:00Z");
    CHECK(!owner.host.empty());
  }

  TEST_CASE("this_run: has an id of its own") {
    test::FakeClock clock;
    SeededRandom random(1);
    auto const run = this_run("tenantry apply", "abc", "because", clock, random);
    CHECK(run.id.size() == 16);
    CHECK(run.id != this_run("tenantry apply", "", "", clock, random).id);
    CHECK(run.commit == "abc");
    CHECK(run.reason == "because");
    CHECK(run.started_at == "2026-03-01T00:00:00Z");
    CHECK(!run.user.empty());
    CHECK(!run.host.empty());
  }

  TEST_CASE("run_group: the same for all runners of one run, whatever CI system runs them") {
    struct Case {
      std::vector<std::pair<std::string, std::string>> variables;
      std::string group;
    };
    std::vector<Case> const cases{
        {{}, ""},
        {{{"GITHUB_RUN_ID", "12"}, {"GITHUB_RUN_ATTEMPT", "2"}}, "github-12-2"},
        {{{"CI_PIPELINE_ID", "7"}}, "gitlab-7"},
        {{{"BUILD_TAG", "jenkins-fleet-9"}, {"JOB_NAME", "fleet"}}, "jenkins-fleet-9"},
        {{{"JOB_NAME", "fleet"}}, ""},
        {{{"JOB_NAME", "fleet"}, {"JOB_COMPLETION_INDEX", "0"}}, "kubernetes-fleet"},
        {{{"TENANTRY_RUN_ID", "mine"}, {"CI_PIPELINE_ID", "7"}}, "mine"},
    };
    char const* const names[] = {"TENANTRY_RUN_ID",     "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT",
                                 "CI_PIPELINE_ID",      "BUILD_TAG",     "JOB_NAME",
                                 "JOB_COMPLETION_INDEX"};
    for (auto const& [variables, group] : cases) {
      for (auto const* name : names) ::unsetenv(name);
      for (auto const& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
      CHECK(run_group() == group);
    }
    for (auto const* name : names) ::unsetenv(name);
  }

  TEST_CASE("describe: leaves out what is not known, and shows no control characters") {
    LockOwner owner{"build-7", 4711, "tenantry apply", "", ""};
    CHECK(describe(owner) == "tenantry apply on build-7 (pid 4711)");
    owner.since = "2026-03-01T12:00:00Z";
    owner.run_url = "https://ci.example/1";
    CHECK(describe(owner) ==
          "tenantry apply on build-7 (pid 4711) since 2026-03-01T12:00:00Z, https://ci.example/1");
    owner.host = "a\x1b[2J";
    CHECK(describe(owner).find('\x1b') == std::string::npos);
  }
}

}  // namespace
}  // namespace tenantry::state
