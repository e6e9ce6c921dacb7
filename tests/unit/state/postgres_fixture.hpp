// A state in the database that TENANTRY_TEST_DSN names: tests/e2e/postgres_server.py makes one.
#pragma once
#include <stdlib.h>

#include "state/postgres_store.hpp"
#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {

struct PostgresFixture : BackendFixture<PostgresStore, PostgresOptions> {
  PostgresFixture() { forget(); }

  static PostgresDsn dsn() {
    auto const* const text = ::getenv("TENANTRY_TEST_DSN");
    REQUIRE_MESSAGE(text != nullptr,
                    "run it by tests/e2e/postgres_server.py, which starts a server");
    auto parsed = PostgresDsn::parse(Secret(text));
    REQUIRE(parsed.has_value());
    return std::move(*parsed);
  }
  static PostgresConnection connect() {
    auto opened = PostgresConnection::open(dsn(), {});
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : describe(opened.error())));
    return std::move(*opened);
  }

  Result<std::unique_ptr<PostgresStore>> try_open(PostgresOptions options) override {
    return PostgresStore::open(io.get_executor(), dsn(), options, clock, random);
  }
  /// SQL on the schema, past the store.
  void sql(std::string const& text) {
    auto db = connect();
    auto const done = db.execute("SET search_path = tenantry; " + text);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : describe(done.error())));
  }
  std::string value(std::string const& text) {
    auto db = connect();
    auto rows = db.run({text, {}});
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : describe(rows.error())));
    REQUIRE(rows->next());
    return rows->text(0);
  }
  /// No state is there any more.
  void forget() {
    auto db = connect();
    REQUIRE(db.execute("DROP SCHEMA IF EXISTS tenantry CASCADE").has_value());
  }
  void break_resources() {
    sql("CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'no'; END$$;"
        "CREATE TRIGGER fault BEFORE INSERT ON resources FOR EACH ROW EXECUTE FUNCTION fault()");
  }
  void mend() { sql("DROP TRIGGER fault ON resources"); }
  void change_place() { forget(); }
  std::string location() const { return dsn().location(); }
  int newest_version() const { return postgres_migrations().back().version; }
};

}  // namespace tenantry::state
