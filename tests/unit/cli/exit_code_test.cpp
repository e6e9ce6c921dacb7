#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

using namespace tenantry;
using cli::Exit;
using cli::RunOutcome;

namespace {

run::ApplyReport report_of(std::vector<run::Status> const& statuses) {
  run::ApplyReport report;
  for (auto const status : statuses) {
    report.add({Address{"acme", "groups", "g"}, plans::Action::create, status, {}, {}});
  }
  return report;
}

Exit exit_of(run::ApplyReport const& report) { return cli::exit_of(cli::outcome_of(report)); }

plans::Plan plan_with(plans::Change change) {
  plans::TenantPlan tenant;
  tenant.key = "acme";
  tenant.changes.push_back(std::move(change));
  plans::Plan plan;
  plan.tenants = {tenant};
  return plan;
}

}  // namespace

TEST_SUITE("exit_code") {
  TEST_CASE("exit_of: each row of the table") {
    CHECK(cli::exit_of({}) == Exit::done);
    CHECK(cli::exit_of({.failed = true}) == Exit::failed);
    CHECK(cli::exit_of({.differs = true}) == Exit::changes);
    CHECK(cli::exit_of({.failed = true, .applied = true}) == Exit::partial);
    CHECK(cli::exit_of({.failed = true, .stale = true}) == Exit::partial);
    CHECK(cli::exit_of({.guarded = true}) == Exit::guard);
    CHECK(cli::exit_of({.interrupted = true}) == Exit::interrupted);
  }

  TEST_CASE("exit_of: the numbers that pipelines rely on") {
    CHECK(static_cast<int>(Exit::done) == 0);
    CHECK(static_cast<int>(Exit::failed) == 1);
    CHECK(static_cast<int>(Exit::changes) == 2);
    CHECK(static_cast<int>(Exit::partial) == 3);
    CHECK(static_cast<int>(Exit::guard) == 4);
    CHECK(static_cast<int>(Exit::interrupted) == 130);
  }

  TEST_CASE("exit_of: an interruption wins over a guard, a guard over a partial apply") {
    CHECK(cli::exit_of({.failed = true, .applied = true, .guarded = true}) == Exit::guard);
    CHECK(cli::exit_of({.failed = true, .stale = true, .guarded = true}) == Exit::guard);
    CHECK(cli::exit_of({.failed = true, .applied = true, .guarded = true, .interrupted = true}) ==
          Exit::interrupted);
    CHECK(cli::exit_of({.failed = true, .differs = true}) == Exit::failed);
  }

  TEST_CASE("outcome_of: a report without an unfinished change is done") {
    CHECK(exit_of(report_of({})) == Exit::done);
    CHECK(exit_of(report_of({run::Status::done, run::Status::done})) == Exit::done);
  }

  TEST_CASE("outcome_of: a report with done and unfinished changes is partial") {
    CHECK(exit_of(report_of({run::Status::done, run::Status::failed})) == Exit::partial);
    CHECK(exit_of(report_of({run::Status::done, run::Status::unknown})) == Exit::partial);
    CHECK(exit_of(report_of({run::Status::done, run::Status::never_started})) == Exit::partial);
  }

  TEST_CASE("outcome_of: a report in which nothing was done has failed") {
    CHECK(exit_of(report_of({run::Status::failed})) == Exit::failed);
    CHECK(exit_of(report_of({run::Status::unknown, run::Status::never_started})) == Exit::failed);
    auto report = report_of({});
    report.some_tenant_failed = true;
    CHECK(exit_of(report) == Exit::failed);
  }

  TEST_CASE("outcome_of: a stale tenant makes an apply partial, whatever else was done") {
    CHECK(exit_of(report_of({run::Status::stale})) == Exit::partial);
  }

  TEST_CASE("outcome_of: a guard and an interruption are taken from the report") {
    auto report = report_of({run::Status::done, run::Status::never_started});
    report.stopped_by_guard = true;
    CHECK(exit_of(report) == Exit::guard);
    report.interrupted = true;
    CHECK(exit_of(report) == Exit::interrupted);
  }

  TEST_CASE("outcome_of: an error is a failure, a cancellation an interruption") {
    CHECK(cli::exit_of(cli::outcome_of(Error(Errc::io, "disk"))) == Exit::failed);
    CHECK(cli::exit_of(cli::outcome_of(Error(Errc::cancelled, "stopped"))) == Exit::interrupted);
    CHECK(cli::exit_of(cli::outcome_of(Error(Errc::guard, "stopped"))) == Exit::guard);
  }

  TEST_CASE("outcome_of: changes in a plan count only for --detailed-exitcode") {
    plans::Change change;
    change.action = plans::Action::create;
    auto plan = plan_with(change);
    CHECK(cli::exit_of(cli::outcome_of(plan, cli::DetailedExit::off)) == Exit::done);
    CHECK(cli::exit_of(cli::outcome_of(plan, cli::DetailedExit::on)) == Exit::changes);
    auto const edited = plan.tenants.edit(
        0, [](plans::TenantPlan& tenant) { tenant.error = Error(Errc::connection, "no route"); });
    REQUIRE(edited.has_value());
    CHECK(cli::exit_of(cli::outcome_of(plan, cli::DetailedExit::on)) == Exit::failed);
  }

  TEST_CASE("has_drift: a config change is none, a changed live object is one") {
    plans::Change change;
    change.action = plans::Action::update;
    change.reason = plans::Reason::config_changed;
    CHECK_FALSE(cli::has_drift(plan_with(change)));
    change.reason = plans::Reason::drifted;
    CHECK(cli::has_drift(plan_with(change)));
    change.reason = plans::Reason::gone;
    CHECK(cli::has_drift(plan_with(change)));
  }

  TEST_CASE("has_drift: drift that is only reported is drift") {
    plans::Change change;
    plans::AttributeChange attribute;
    attribute.name = "name";
    attribute.drifted = true;
    change.drift_only.push_back(attribute);
    CHECK(cli::has_drift(plan_with(change)));
  }
}
