#include <doctest/doctest.h>

#include "tests/unit/state/backend.hpp"

namespace tenantry::state {
namespace {

TEST_SUITE("store") {
  TEST_CASE("load: a tenant that is not known is empty") {
    Backend f;
    auto const store = f.open();
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.key == "acme");
    CHECK(acme.serial == 0);
    CHECK(acme.resources.empty());
    CHECK(acme.open.empty());
    CHECK(f.get(store->tenants()).empty());
  }

  TEST_CASE("put: rows come back as they were given, also after reopening") {
    Backend f;
    auto record = record_of(analysts());
    record.applied = {{"name", "Größe \"☃\" \\ \n 𝄞"},
                      {"nested", {{"list", {1, "a", nullptr, true, {{"deep", Array()}}}}}},
                      {"big", std::uint64_t{18446744073709551615U}},
                      {"minus", -5},
                      {"half", 0.5},
                      {"nul", Value(std::string("a\0b", 3))},
                      {"empty", ""}};
    record.observed = {{"origins", {"https://a.example/"}}};
    record.secrets = {{"secret", "salt:0123"}};
    record.extra = {{"hostname", "acme.eu.qlikcloud.com"}};
    record.prevent_destroy = true;
    record.depends_on = {{"acme", "", ""}, {"acme", "roles", "author"}};
    record.updated_at = "2026-03-02T00:00:00Z";
    auto const tenant = record_of({"acme", "", ""}, "tenant-id");
    {
      auto const store = f.open();
      f.get(store->put("acme", {record, tenant}, {}));
    }
    auto const store = f.open(OpenMode::existing);
    auto const acme = f.get(store->load("acme"));
    REQUIRE(acme.resources.size() == 2);
    CHECK(*acme.find(analysts()) == record);
    CHECK(*acme.find({"acme", "", ""}) == tenant);
    CHECK(acme.find({"acme", "groups", "other"}) == nullptr);
    CHECK(f.get(store->tenants()) == std::vector<std::string>{"acme"});
  }

  TEST_CASE("put: raises the serial, removes rows, and rows that are not there do not matter") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of(analysts())}, {}));
    CHECK(f.get(store->load("acme")).serial == 1);
    f.get(store->put("acme", {}, {analysts(), {"acme", "groups", "never"}}));
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.serial == 2);
    CHECK(acme.resources.empty());
    CHECK(f.get(store->tenants()).empty());
  }

  TEST_CASE("put: a row moves to another address in one step") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of(analysts())}, {}));
    f.get(store->put("acme", {record_of({"acme", "groups", "people"})}, {analysts()}));
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.find(analysts()) == nullptr);
    CHECK(acme.find({"acme", "groups", "people"}) != nullptr);
  }

  TEST_CASE("put: refuses a row of another tenant and leaves everything as it was") {
    Backend f;
    auto const store = f.open();
    auto const put =
        f.run(store->put("acme", {record_of(analysts()), record_of(analysts("globex"))}, {}));
    REQUIRE(!put.has_value());
    CHECK(put.error().code == Errc::internal);
    CHECK(f.get(store->tenants()).empty());
  }

  TEST_CASE("put: refuses text that could not be read again") {
    Backend f;
    auto const store = f.open();
    auto record = record_of(analysts());
    record.applied = {{"name", "\xff"}};
    auto const put = f.run(store->put("acme", {record}, {}));
    REQUIRE(!put.has_value());
    CHECK(put.error().code == Errc::invalid);
    CHECK(put.error().message == "applied of acme/groups/analysts holds text that is not UTF-8");
    CHECK(f.get(store->load("acme")).resources.empty());
  }

  TEST_CASE("begin: an operation stays open over a reopening, oldest first") {
    Backend f;
    auto intent = intent_of(analysts());
    intent.id = RemoteId("g1");
    intent.before = {{"name", "Old"}};
    intent.context = {{"ids", {"a", "b"}}};
    auto const second = intent_of({"acme", "groups", "second"});
    {
      auto const store = f.open();
      CHECK(f.get(store->begin(intent)) == 1);
      CHECK(f.get(store->begin(second)) == 2);
    }
    auto const store = f.open(OpenMode::existing);
    auto const acme = f.get(store->load("acme"));
    REQUIRE(acme.open.size() == 2);
    CHECK(acme.open[0].id == 1);
    auto const& found = acme.open[0].intent;
    CHECK(found.address == intent.address);
    CHECK(found.action == "create");
    CHECK(found.request_digest == "d1");
    CHECK(found.natural_key == "Analysts");
    CHECK(found.id == RemoteId("g1"));
    CHECK(found.before == intent.before);
    CHECK(found.planned == intent.planned);
    CHECK(found.context == intent.context);
    CHECK(found.run_id == "run-1");
    CHECK(found.started_at == "2026-03-01T00:00:01Z");
    CHECK(acme.open[1].intent.address == second.address);
    CHECK(acme.serial == 0);
    CHECK(f.get(store->tenants()) == std::vector<std::string>{"acme"});
  }

  TEST_CASE("finish: closes the operation, writes the row and raises the serial") {
    Backend f;
    auto const store = f.open();
    auto const operation = f.get(store->begin(intent_of(analysts())));
    Outcome outcome;
    outcome.upsert = record_of(analysts());
    f.get(store->finish(operation, outcome));
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.open.empty());
    CHECK(acme.serial == 1);
    CHECK(*acme.find(analysts()) == record_of(analysts()));
  }

  TEST_CASE("move: rows of two tenants change together, and the history tells of it") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of(analysts())}, {}));
    auto intent = intent_of(analysts("corp"), "move");
    f.get(store->move({intent}, {record_of(analysts("corp"))}, {analysts()}));
    CHECK(f.get(store->load("acme")).resources.empty());
    CHECK(f.get(store->load("acme")).serial == 2);
    auto const corp = f.get(store->load("corp"));
    CHECK(*corp.find(analysts("corp")) == record_of(analysts("corp")));
    CHECK(corp.serial == 1);
    CHECK(corp.open.empty());
    auto const history = f.get(store->history("corp", 10));
    REQUIRE(history.size() == 1);
    CHECK(history.front().intent.action == "move");
    CHECK(history.front().status == "done");
  }

  TEST_CASE("finish: the serial stays when no row changes") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of(analysts())}, {}));
    Outcome failed;
    failed.status = OutcomeStatus::failed;
    failed.error = "403";
    f.get(store->finish(f.get(store->begin(intent_of(analysts()))), failed));
    Outcome same;
    same.upsert = record_of(analysts());
    same.removals = {{"acme", "groups", "never"}};
    f.get(store->finish(f.get(store->begin(intent_of(analysts()))), same));
    CHECK(f.get(store->load("acme")).serial == 1);
    Outcome removed;
    removed.removals = {analysts()};
    f.get(store->finish(f.get(store->begin(intent_of(analysts(), "delete"))), removed));
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.serial == 2);
    CHECK(acme.resources.empty());
  }

  TEST_CASE("finish: an operation ends once, and must be known") {
    Backend f;
    auto const store = f.open();
    auto const operation = f.get(store->begin(intent_of(analysts())));
    f.get(store->finish(operation, Outcome()));
    auto const again = f.run(store->finish(operation, Outcome()));
    REQUIRE(!again.has_value());
    CHECK(again.error().code == Errc::conflict);
    auto const unknown = f.run(store->finish(99, Outcome()));
    REQUIRE(!unknown.has_value());
    CHECK(unknown.error().code == Errc::not_found);
  }

  TEST_CASE("finish: a row that cannot be written leaves the operation open") {
    Backend f;
    auto const store = f.open();
    f.break_resources();
    auto const operation = f.get(store->begin(intent_of(analysts())));
    Outcome outcome;
    outcome.upsert = record_of(analysts());
    auto const finished = f.run(store->finish(operation, outcome));
    REQUIRE(!finished.has_value());
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.open.size() == 1);
    CHECK(acme.serial == 0);
    f.mend();
    f.get(store->finish(operation, outcome));
    CHECK(f.get(store->load("acme")).open.empty());
  }

  TEST_CASE("put: a tenant id belongs to one key, until it is given up") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of({"acme", "", ""}, "tenant-1")}, {}));
    auto const second =
        f.run(store->put("globex", {record_of({"globex", "", ""}, "tenant-1")}, {}));
    REQUIRE(!second.has_value());
    CHECK(second.error().code == Errc::conflict);
    CHECK(f.get(store->tenants()) == std::vector<std::string>{"acme"});
    f.get(store->put("globex", {record_of(analysts("globex"), "tenant-1")}, {}));
    // Either way round, of the keys' order.
    auto const rename = [&](std::string const& from, std::string const& to) {
      f.get(store->move({}, {record_of({to, "", ""}, "tenant-1")}, {{from, "", ""}}));
      CHECK(f.get(store->load(to)).find({to, "", ""}) != nullptr);
      CHECK(f.get(store->load(from)).find({from, "", ""}) == nullptr);
    };
    rename("acme", "zeta");
    rename("zeta", "acme");
  }

  TEST_CASE("writes that come together are one commit, and each that fails is undone alone") {
    Backend f;
    auto const store = f.open();
    auto const before = store->commits();
    std::vector<Result<void>> results(40, Result<void>());
    for (std::size_t i = 0; i < results.size(); ++i) {
      auto const tenant = fmt::format("t{:02}", i);
      auto record = record_of(analysts(tenant));
      if (i % 10 == 3) record.address.tenant = "other";  // refused
      if (i % 10 == 7) record = record_of({tenant, "", ""}, "the same id");
      boost::asio::co_spawn(f.io, store->put(tenant, {record}, {}),
                            [&results, i](std::exception_ptr, Result<void> result) {
                              results[i] = std::move(result);
                            });
    }
    f.io.restart();
    f.io.run();
    std::size_t wrong_id = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (i % 10 == 3) {
        CHECK(results[i].error().code == Errc::internal);
      } else if (i % 10 == 7) {
        wrong_id += results[i] ? 0 : 1;
      } else {
        CHECK(results[i].has_value());
      }
    }
    CHECK(wrong_id == 3);
    CHECK(f.get(store->tenants()).size() == 33);
    CHECK(store->commits() - before <= 40);
    auto const many = store->commits();
    for (int i = 0; i < 40; ++i) {
      boost::asio::co_spawn(f.io, store->begin(intent_of(analysts(fmt::format("n{}", i)))),
                            [](std::exception_ptr, auto result) { CHECK(result.has_value()); });
    }
    f.io.restart();
    f.io.run();
    CHECK(store->commits() - many < 20);
  }

  TEST_CASE("finish: refuses a row of another tenant") {
    Backend f;
    auto const store = f.open();
    auto const operation = f.get(store->begin(intent_of(analysts())));
    Outcome outcome;
    outcome.upsert = record_of(analysts("globex"));
    auto const finished = f.run(store->finish(operation, outcome));
    REQUIRE(!finished.has_value());
    CHECK(finished.error().code == Errc::internal);
    CHECK(f.get(store->load("acme")).open.size() == 1);
  }

  TEST_CASE("mark_applied: keeps digest and time, until a row changes") {
    Backend f;
    auto const store = f.open();
    f.get(store->mark_applied("acme", "digest", "2026-03-01T10:00:00Z"));
    auto acme = f.get(store->load("acme"));
    CHECK(acme.config_digest == "digest");
    CHECK(acme.applied_at == "2026-03-01T10:00:00Z");
    CHECK(acme.serial == 0);
    f.get(store->put("acme", {record_of(analysts())}, {}));
    acme = f.get(store->load("acme"));
    CHECK(acme.config_digest.empty());
    CHECK(acme.applied_at == "2026-03-01T10:00:00Z");
    CHECK(acme.serial == 1);
  }

  TEST_CASE("mark_applied: a call that failed without changing a row takes nothing back") {
    Backend f;
    auto const store = f.open();
    f.get(store->mark_applied("acme", "digest", "2026-03-01T10:00:00Z"));
    auto const operation = f.get(store->begin(intent_of(analysts())));
    Outcome outcome;
    outcome.status = OutcomeStatus::failed;
    f.get(store->finish(operation, outcome));
    CHECK(f.get(store->load("acme")).config_digest == "digest");
    auto const second = f.get(store->begin(intent_of(analysts())));
    outcome.status = OutcomeStatus::done;
    outcome.upsert = record_of(analysts());
    f.get(store->finish(second, outcome));
    CHECK(f.get(store->load("acme")).config_digest.empty());
  }

  TEST_CASE("history: the last entries, newest last, with run, outcome and error") {
    Backend f;
    auto const store = f.open();
    Run const run{"run-1",
                  "tenantry apply",
                  "2026-03-01T00:00:00Z",
                  "ci",
                  "build-7",
                  "abc",
                  "https://ci.example/1",
                  "because"};
    f.get(store->begin_run(run));
    auto const first = f.get(store->begin(intent_of(analysts(), "create")));
    f.get(store->begin(intent_of(analysts("globex"))));
    Outcome failed;
    failed.status = OutcomeStatus::failed;
    failed.error = "HTTP 500";
    f.clock.advance(std::chrono::hours(1));
    f.get(store->finish(first, failed));
    auto const dropped = f.get(store->begin(intent_of(analysts(), "update")));
    Outcome drop;
    drop.status = OutcomeStatus::dropped;
    f.get(store->finish(dropped, drop));
    f.get(store->begin(intent_of(analysts(), "delete")));

    auto const entries = f.get(store->history("acme", 10));
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].operation == first);
    CHECK(entries[0].status == "failed");
    CHECK(entries[0].error == "HTTP 500");
    CHECK(entries[0].ended_at == "2026-03-01T01:00:00Z");
    CHECK(entries[0].run.id == "run-1");
    CHECK(entries[0].run.command == "tenantry apply");
    CHECK(entries[0].run.started_at == "2026-03-01T00:00:00Z");
    CHECK(entries[0].run.user == "ci");
    CHECK(entries[0].run.host == "build-7");
    CHECK(entries[0].run.commit == "abc");
    CHECK(entries[0].run.run_url == "https://ci.example/1");
    CHECK(entries[0].run.reason == "because");
    CHECK(entries[1].status == "dropped");
    CHECK(entries[2].status == "open");
    CHECK(entries[2].ended_at.empty());
    CHECK(entries[2].intent.action == "delete");
    auto const last = f.get(store->history("acme", 1));
    REQUIRE(last.size() == 1);
    CHECK(last[0].intent.action == "delete");
    CHECK(f.get(store->history("", 10)).size() == 4);
  }

  TEST_CASE("begin_run: what ended long ago is forgotten, what is open is not") {
    Backend f;
    auto const store = f.open();
    auto const start = [&](std::string id, std::string from = {}) {
      Run run;
      run.id = std::move(id);
      run.command = "tenantry apply";
      run.started_at = format_time(f.clock.wall());
      run.history_from = std::move(from);
      f.get(store->begin_run(run));
    };
    auto const operation = [&](std::string run) {
      auto intent = intent_of(analysts(), "update");
      intent.run_id = std::move(run);
      return f.get(store->begin(intent));
    };
    start("old");
    auto const ended = operation("old");
    f.get(store->finish(ended, Outcome()));
    start("open");
    auto const open = operation("open");
    f.clock.advance(std::chrono::hours(24 * 10));
    start("young");
    auto const young = operation("young");
    f.get(store->finish(young, Outcome()));
    auto const days_ago = [&](int days) {
      return format_time(f.clock.wall() - std::chrono::days(days));
    };
    start("one", days_ago(11));
    CHECK(f.get(store->history("", 10)).size() == 3);
    start("two", days_ago(5));
    auto const entries = f.get(store->history("", 10));
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].operation == open);
    CHECK(entries[0].run.command == "tenantry apply");  // its run is kept as well
    CHECK(entries[1].operation == young);
    f.get(store->finish(open, Outcome()));
    // Numbers are not given again, and the run of what is gone is gone.
    CHECK(operation("old") > young);
    CHECK(f.get(store->history("", 10)).back().run.command.empty());
  }

  TEST_CASE("begin_run: a run is noted once") {
    Backend f;
    auto const store = f.open();
    Run run;
    run.id = "run-1";
    f.get(store->begin_run(run));
    auto const again = f.run(store->begin_run(run));
    REQUIRE(!again.has_value());
    CHECK(again.error().code == Errc::conflict);
  }

  TEST_CASE("load: a row that is no JSON is a damaged state") {
    Backend f;
    auto const store = f.open();
    f.get(store->put("acme", {record_of(analysts())}, {}));
    f.sql("UPDATE resources SET applied = '{'");
    auto const acme = f.run(store->load("acme"));
    REQUIRE(!acme.has_value());
    CHECK(acme.error().code == Errc::corrupt);
    CHECK(acme.error().message.ends_with(
        "is damaged: applied of acme/groups/analysts is no JSON object"));
    CHECK(acme.error().hint.find("--adopt-only") != std::string::npos);
  }

  TEST_CASE("load: a row whose key would be read as another address is a damaged state") {
    for (auto const* const sql :
         {"UPDATE resources SET section = ''", "UPDATE resources SET key = 'a/b'",
          "UPDATE operations SET key = 'a/b'", "UPDATE operations SET section = 'x y'"}) {
      CAPTURE(sql);
      Backend f;
      auto const store = f.open();
      f.get(store->put("acme", {record_of(analysts())}, {}));
      f.get(store->begin(intent_of(analysts())));
      f.sql(sql);
      auto const acme = f.run(store->load("acme"));
      REQUIRE(!acme.has_value());
      CHECK(acme.error().code == Errc::corrupt);
      CHECK(acme.error().message.ends_with("is no address"));
    }
  }

  TEST_CASE("info: lineage and salt stay, and differ between states") {
    Backend f;
    auto const info = f.open()->info();
    CHECK(info.lineage.size() == 32);
    CHECK(info.salt.size() == 64);
    CHECK(info.schema_version == f.newest_version());
    CHECK(info.location == f.location());
    CHECK(f.open(OpenMode::existing)->info().lineage == info.lineage);
    CHECK(f.open(OpenMode::read_only)->info().salt == info.salt);
    f.change_place();
    CHECK(f.open()->info().lineage != info.lineage);
  }
}

}  // namespace
}  // namespace tenantry::state
