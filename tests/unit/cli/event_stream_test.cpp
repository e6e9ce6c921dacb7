#include "cli/event_stream.hpp"

#include <doctest/doctest.h>

#include "tests/support/captured_console.hpp"
#include "tests/support/fake_clock.hpp"

using namespace tenantry;

namespace {

struct Fixture {
  test::CapturedConsole captured;
  test::FakeClock clock;
  cli::EventStream events{captured.console, clock};

  /// The last event, parsed.
  Object last() {
    auto const end = captured.output.size() - 1;
    auto const start = captured.output.rfind('\n', end - 1);
    auto const line = captured.output.substr(start == std::string::npos ? 0 : start + 1);
    return parse_json(line.substr(0, line.size() - 1)).value().as_object();
  }
};

plans::Change sample_change() {
  plans::Change change;
  change.address = Address{"acme", "groups", "analysts"};
  change.action = plans::Action::create;
  change.reason = plans::Reason::not_in_state;
  change.after = {{"name", "a value"}};
  return change;
}

}  // namespace

TEST_SUITE("event_stream") {
  TEST_CASE_FIXTURE(Fixture, "the first event tells the version of the format") {
    CHECK(captured.output.starts_with(
        R"({"type":"version","time":"2026-03-01T00:00:00.000Z","formatVersion":1,)"));
    CHECK(captured.error.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "change_done: with how long it took") {
    auto const change = sample_change();
    events.change_started(change);
    CHECK(text_at(last(), "type") == "change_started");
    clock.advance(std::chrono::milliseconds(250));
    events.change_done(change);
    auto const event = last();
    CHECK(text_at(event, "type") == "change_done");
    CHECK(text_at(event, "address") == "acme/groups/analysts");
    CHECK(text_at(event, "action") == "create");
    CHECK(event.at("durationMs").as_int64() == 250);
  }

  TEST_CASE_FIXTURE(Fixture, "waves: begun, passed, ended, and in the report") {
    run::WaveReport wave{.name = "canary",
                         .tenants = 3,
                         .done = 2,
                         .failed = 1,
                         .started = true,
                         .stopped_because = "1 tenant failed"};
    events.wave_started(wave);
    CHECK(text_at(last(), "type") == "wave_started");
    CHECK(last().at("tenants").as_int64() == 3);
    events.wave_passed(wave);
    CHECK(text_at(last(), "type") == "wave_passed");
    events.wave_ended(wave);
    CHECK(text_at(last(), "type") == "wave_ended");
    CHECK(last().at("failed").as_int64() == 1);
    CHECK(text_at(last(), "stoppedBecause") == "1 tenant failed");
    run::ApplyReport report;
    report.waves = {wave};
    events.report(report, cli::Exit::partial);
    CHECK(text_at(last().at("waves").as_array().front().as_object(), "wave") == "canary");
  }

  TEST_CASE_FIXTURE(Fixture, "the phases of a run: planning, and after the plan applying") {
    events.run_started(2);
    CHECK(text_at(last(), "phase") == "planning");
    events.tenant_started("acme");
    CHECK(text_at(last(), "type") == "tenant_started");
    clock.advance(std::chrono::milliseconds(30));
    plans::TenantPlan tenant;
    tenant.key = "acme";
    tenant.changes = {sample_change()};
    events.tenant_planned(tenant);
    CHECK(last().at("durationMs").as_int64() == 30);
    plans::Plan plan;
    plan.shard = Shard{2, 4};
    plan.fleet_size = 9;
    plan.tenants = {tenant};
    REQUIRE(events.planned(plan).has_value());
    CHECK(text_at(last(), "shard") == "2/4");
    CHECK(last().at("fleetSize").as_int64() == 9);
    events.run_started(1);
    CHECK(text_at(last(), "phase") == "applying");
  }

  TEST_CASE_FIXTURE(Fixture, "tenant_applied: what became of its changes") {
    plans::TenantPlan tenant;
    tenant.key = "acme";
    tenant.changes = {sample_change(), sample_change(), sample_change()};
    tenant.changes[1].address.key = "writers";
    tenant.changes[2].address.key = "readers";
    plans::Plan plan;
    plan.tenants = {tenant};
    REQUIRE(events.planned(plan).has_value());
    events.run_started(1);
    events.tenant_started("acme");
    events.change_started(tenant.changes[0]);
    events.change_done(tenant.changes[0]);
    events.change_started(tenant.changes[1]);
    clock.advance(std::chrono::milliseconds(70));
    events.change_failed(tenant.changes[1], Error(Errc::conflict, "exists already"));
    events.tenant_applied("acme");
    auto const event = last();
    CHECK(event.at("done").as_int64() == 1);
    CHECK(event.at("failed").as_int64() == 1);
    CHECK(event.at("notBegun").as_int64() == 1);
    CHECK(event.at("durationMs").as_int64() == 70);
  }

  TEST_CASE_FIXTURE(Fixture, "tenant_refused: with the error") {
    events.tenant_refused("acme", Error(Errc::locked, "acme is locked"));
    CHECK(text_at(last(), "type") == "tenant_refused");
    CHECK(text_at(last().at("error").as_object(), "code") == "locked");
  }

  TEST_CASE_FIXTURE(Fixture, "progress: every few seconds while tenants are left") {
    events.run_started(4);
    auto const before = captured.output;
    events.tick();
    CHECK(captured.output == before);
    plans::TenantPlan tenant;
    tenant.key = "acme";
    events.tenant_planned(tenant);
    events.tenant_started("globex");
    clock.advance(std::chrono::seconds(5));
    events.tick();
    auto const event = last();
    CHECK(text_at(event, "type") == "progress");
    CHECK(event.at("tenants").as_int64() == 4);
    CHECK(event.at("tenantsEnded").as_int64() == 1);
    CHECK(event.at("tenantsInWork").as_int64() == 1);
    CHECK(event.at("secondsLeft").as_int64() == 15);
    events.tick();
    CHECK(captured.output.find("progress") == captured.output.rfind("progress"));
  }

  TEST_CASE_FIXTURE(Fixture, "change_failed: the error with what the server said") {
    Error error(Errc::conflict, "exists already", "adopt it");
    error.request = "POST https://host/api/v1/groups";
    error.api = ApiProblem{409, "GROUPS-1", "Conflict", "", "trace"};
    events.change_failed(sample_change(), error);
    auto const shown = last().at("error").as_object();
    CHECK(text_at(shown, "code") == "conflict");
    CHECK(text_at(shown, "hint") == "adopt it");
    CHECK(shown.at("status").as_int64() == 409);
    CHECK(text_at(shown, "apiCode") == "GROUPS-1");
    CHECK(text_at(shown, "traceId") == "trace");
    CHECK_FALSE(shown.contains("detail"));
  }

  TEST_CASE_FIXTURE(Fixture, "planned: each change, then the counts, and no value") {
    plans::TenantPlan tenant;
    tenant.key = "acme";
    tenant.changes = {sample_change(), {}};
    plans::Plan plan;
    plan.tenants = {tenant};
    REQUIRE(events.planned(plan).has_value());
    auto const event = last();
    CHECK(text_at(event, "type") == "plan");
    CHECK(event.at("counts").as_object().at("create").as_int64() == 1);
    CHECK_FALSE(event.at("counts").as_object().contains("no_op"));
    CHECK(captured.output.find("a value") == std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "report: counts, exit code and what is unfinished") {
    run::ApplyReport report;
    report.add({Address{"acme", "groups", "a"}, plans::Action::create, run::Status::done, {}, {}});
    report.add({Address{"acme", "groups", "b"},
                plans::Action::create,
                run::Status::failed,
                {},
                Error(Errc::io, "disk")});
    report.add({Address{"acme", "groups", "c"},
                plans::Action::create,
                run::Status::never_started,
                "acme/groups/b failed",
                {}});
    events.report(report, cli::Exit::partial);
    auto const event = last();
    CHECK(event.at("exitCode").as_int64() == 3);
    CHECK(event.at("counts").as_object().at("done").as_int64() == 1);
    CHECK(event.at("counts").as_object().at("never_started").as_int64() == 1);
    REQUIRE(event.at("unfinished").as_array().size() == 2);
    CHECK(text_at(event.at("unfinished").as_array()[1].as_object(), "status") == "never_started");
    CHECK(text_at(event.at("unfinished").as_array()[0].as_object(), "address") == "acme/groups/b");
  }

  TEST_CASE_FIXTURE(Fixture, "report: a tenant that was only counted is listed by its changes") {
    plans::TenantPlan tenant;
    tenant.key = "acme";
    tenant.changes = {sample_change(), {}};
    plans::Plan plan;
    plan.tenants = {tenant};
    REQUIRE(events.planned(plan).has_value());
    run::ApplyReport report;
    report.not_begun = {{.index = 0, .changes = 1, .reason = "stopped"}};
    events.report(report, cli::Exit::interrupted);
    auto const unfinished = last().at("unfinished").as_array();
    REQUIRE(unfinished.size() == 1);
    CHECK(text_at(unfinished[0].as_object(), "address") == sample_change().address.text());
    CHECK(text_at(unfinished[0].as_object(), "status") == "never_started");
    CHECK(text_at(unfinished[0].as_object(), "reason") == "stopped");
  }
}
