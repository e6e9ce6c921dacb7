// A state moves between the backends: compiled for the other one than a file, the place is a
// database.
#include "state/migrate_state.hpp"

#include <doctest/doctest.h>

#include "tests/unit/state/backend.hpp"

namespace tenantry::state {
namespace {

/// A file, and the place that it moves to: another file, or a database.
struct Places {
  Fixture file;
#ifdef TENANTRY_TEST_POSTGRES
  PostgresFixture other;
  StateLocation there() const { return PostgresFixture::dsn(); }
#else
  Fixture other;
  StateLocation there() const { return other.file; }
#endif
  StateLocation here() const { return file.file; }

  std::unique_ptr<StateTables> tables(StateLocation const& location) {
    auto opened = make_tables(location, file.clock, file.random);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : describe(opened.error())));
    return std::move(*opened);
  }
  Result<MigrationReport> migrate(StateLocation const& from, StateLocation const& to) {
    auto const source = tables(from);
    auto const target = tables(to);
    return migrate_state(*source, *target, file.clock);
  }
  /// A state with something in every table.
  void fill() {
    auto const store = file.open();
    Run run;
    run.id = "run-1";
    file.get(store->begin_run(run));
    for (int i = 0; i < 1'500; ++i) {
      auto const tenant = fmt::format("t{:04}", i);
      auto record = record_of(analysts(tenant));
      record.applied = {{"name", "Größe \"☃\" \\ \n"}};
      boost::asio::co_spawn(file.io, store->put(tenant, {record}, {}),
                            [](std::exception_ptr, auto result) { CHECK(result.has_value()); });
    }
    file.io.restart();
    file.io.run();
    file.get(store->begin(intent_of(analysts("t0001"))));
    file.get(store->finish(file.get(store->begin(intent_of(analysts("t0002")))), Outcome()));
    file.get(store->contribute({"run-7", "creates", {{"t0001", 3}}}));
    file.get(store->mark_applied("t0003", "digest", "then"));
  }
};

TEST_SUITE("migrate_state") {
  TEST_CASE("everything is at the new place, and the old one says where that is") {
    Places p;
    p.fill();
    auto const lineage = p.file.open()->info().lineage;
    auto const moved = p.migrate(p.here(), p.there());
    REQUIRE_MESSAGE(moved.has_value(), (moved ? "" : describe(moved.error())));
    CHECK(moved->rows.at("resources") == 1'500);
    CHECK(moved->rows.at("operations") == 2);
    CHECK(!moved->continued);
    auto const stale = p.file.open_error(OpenMode::create_if_missing);
    CHECK(stale.code == Errc::stale);
    CHECK(stale.message.find("has moved to " + p.other.location()) != std::string::npos);
    auto const store = p.other.open(OpenMode::existing);
    CHECK(store->info().lineage == lineage);
    CHECK(p.other.get(store->tenants()).size() == 1'500);
    auto const one = p.other.get(store->load("t0001"));
    CHECK(one.open.size() == 1);
    CHECK(one.serial == 1);
    CHECK(text_at(one.find(analysts("t0001"))->applied, "name") == "Größe \"☃\" \\ \n");
    CHECK(p.other.get(store->load("t0003")).config_digest == "digest");
    CHECK(p.other.get(store->contribute({"run-7", "creates", {}})) == 3);
    // Numbers of operations go on.
    CHECK(p.other.get(store->begin(intent_of(analysts("t0004")))) == 3);
  }

  TEST_CASE("and back again, over what the first move left") {
    Places p;
    p.fill();
    REQUIRE(p.migrate(p.here(), p.there()).has_value());
    p.other.get(p.other.open()->put("new", {record_of(analysts("new"))}, {}));
    auto const back = p.migrate(p.there(), p.here());
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : describe(back.error())));
    CHECK(p.file.get(p.file.open()->tenants()).size() == 1'501);
    CHECK(p.other.open_error(OpenMode::create_if_missing).code == Errc::stale);
  }

  TEST_CASE("a store that was open before it is refused from then on") {
    Places p;
    p.fill();
    auto const runner = p.file.open();
    REQUIRE(p.migrate(p.here(), p.there()).has_value());
    auto const begun = p.file.run(runner->begin(intent_of(analysts("t0001"))));
    REQUIRE(!begun.has_value());
    CHECK(begun.error().code == Errc::stale);
  }

  TEST_CASE("ended anywhere, it is done again") {
    Places p;
    p.fill();
    std::string const arriving = "UPDATE meta SET arriving_from = '" + p.file.location() + "'";
    SUBCASE("after the copy") {
      REQUIRE(p.migrate(p.here(), p.there()).has_value());
      p.file.sql("UPDATE meta SET moved_to = ''");
      p.other.sql(arriving);
      CHECK(p.other.open_error(OpenMode::existing).code == Errc::stale);
      p.file.get(p.file.open()->put("new", {record_of(analysts("new"))}, {}));
      auto const again = p.migrate(p.here(), p.there());
      REQUIRE_MESSAGE(again.has_value(), (again ? "" : describe(again.error())));
      CHECK(!again->continued);
      CHECK(p.other.get(p.other.open()->tenants()).size() == 1'501);
    }
    SUBCASE("after the tombstone") {
      REQUIRE(p.migrate(p.here(), p.there()).has_value());
      p.other.sql(arriving);
      auto const again = p.migrate(p.here(), p.there());
      REQUIRE_MESSAGE(again.has_value(), (again ? "" : describe(again.error())));
      CHECK(again->continued);
      CHECK(p.other.get(p.other.open()->tenants()).size() == 1'500);
    }
    SUBCASE("after its end there is nothing to move") {
      REQUIRE(p.migrate(p.here(), p.there()).has_value());
      CHECK(p.migrate(p.here(), p.there()).error().code == Errc::stale);
    }
  }

  TEST_CASE("one place under two names is no other place") {
    Places p;
    p.fill();
    auto const same = p.file.folder.path() / "." / p.file.file.filename();
    auto const refused = p.migrate(p.here(), StateLocation(same));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(p.file.get(p.file.open()->tenants()).size() == 1'500);
  }

  TEST_CASE("another state is not written over, nor the same one in use") {
    Places p;
    p.fill();
    p.other.get(p.other.open()->put("theirs", {record_of(analysts("theirs"))}, {}));
    auto const refused = p.migrate(p.here(), p.there());
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(p.other.get(p.other.open()->tenants()) == std::vector<std::string>{"theirs"});
    CHECK(p.file.get(p.file.open()->tenants()).size() == 1'500);
    p.other.sql("UPDATE meta SET lineage = '" + p.file.open()->info().lineage + "'");
    CHECK(p.migrate(p.here(), p.there()).error().code == Errc::conflict);
  }
}

}  // namespace
}  // namespace tenantry::state
