// What only the PostgreSQL backend has to do: connections break.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/unit/state/postgres_fixture.hpp"

namespace tenantry::state {
namespace {
using namespace std::chrono_literals;

/// Ends every connection but our own.
constexpr char const* kEndAll =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()";

TEST_SUITE("postgres") {
  TEST_CASE("open: a state is made once, and by nobody who only wants to read") {
    PostgresFixture f;
    CHECK(f.open_error(OpenMode::existing).code == Errc::not_found);
    CHECK(f.open_error(OpenMode::read_only).code == Errc::not_found);
    auto const lineage = f.open()->info().lineage;
    CHECK(f.open(OpenMode::existing)->info().lineage == lineage);
    CHECK(f.open()->info().lineage == lineage);
    CHECK(f.value("SELECT count(*) FROM tenantry.sessions") == "0");
  }

  TEST_CASE("open: a schema of something else and a newer version are refused") {
    PostgresFixture f;
    f.sql("CREATE SCHEMA tenantry; CREATE TABLE tenantry.things (x integer)");
    auto error = f.open_error(OpenMode::create_if_missing);
    CHECK(error.code == Errc::corrupt);
    CHECK(error.message.find("is not a state of Tenantry") != std::string::npos);
    CHECK(error.hint.find("createdb") != std::string::npos);
    for (auto const* const other : {"CREATE TABLE meta (x integer)", "CREATE VIEW v AS SELECT 1"}) {
      f.forget();
      f.sql(std::string("CREATE SCHEMA tenantry; ") + other);
      CHECK(f.open_error(OpenMode::create_if_missing).code == Errc::corrupt);
      CHECK(f.open_error(OpenMode::read_only).code == Errc::corrupt);
    }
    f.forget();
    f.open();
    f.sql("UPDATE meta SET schema_version = 99");
    error = f.open_error(OpenMode::read_only);
    CHECK(error.code == Errc::corrupt);
    CHECK(error.message.find("has version 99; this program knows") != std::string::npos);
    f.sql("UPDATE meta SET schema_version = 1, moved_to = 'elsewhere', moved_at = 'then'");
    error = f.open_error(OpenMode::existing);
    CHECK(error.code == Errc::stale);
    CHECK(error.message.ends_with("has moved to elsewhere at then"));
  }

  TEST_CASE("a schema that the owner made empty is used") {
    PostgresFixture f;
    f.sql("CREATE SCHEMA tenantry");
    CHECK(f.get(f.open()->tenants()).empty());
  }

  TEST_CASE("a state that is moved away under an open store takes nothing any more") {
    PostgresFixture f;
    auto const store = f.open();
    auto const lock = f.get(store->lock("acme", owner_of(), 0ms));
    f.get(store->begin(intent_of(analysts())));
    f.sql("UPDATE meta SET moved_to = 'elsewhere', moved_at = 'then'");
    auto const begun = f.run(store->begin(intent_of(analysts())));
    REQUIRE(!begun.has_value());
    CHECK(begun.error().code == Errc::stale);
    CHECK(f.run(store->lock("globex", owner_of(), 0ms)).error().code == Errc::stale);
    CHECK(f.value("SELECT count(*) FROM tenantry.operations") == "1");
  }

  TEST_CASE("a connection that breaks is replaced, and the locks are kept") {
    PostgresFixture f;
    auto const store = f.open();
    auto const other = f.open();
    auto lock = f.get(store->lock("acme", owner_of(), 0ms));
    for (int i = 0; i < 3; ++i) {
      f.value(kEndAll);
      CHECK(f.get(store->begin(intent_of(analysts()))) > 0);
      auto const refused = f.run(other->lock("acme", owner_of(), 0ms));
      REQUIRE(!refused.has_value());
      CHECK(refused.error().code == Errc::locked);
      CHECK(refused.error().message.find("build-7") != std::string::npos);
    }
    lock.reset();
    settle(f, *store);
    CHECK(f.run(other->lock("acme", owner_of(), 0ms)).has_value());
  }

  TEST_CASE("a tenant whose lock somebody else took meanwhile stops before its next call") {
    PostgresFixture f;
    auto const store = f.open();
    auto const lock = f.get(store->lock("acme", owner_of(), 0ms));
    auto const kept = f.get(store->lock("globex", owner_of(), 0ms));
    auto const operation = f.get(store->begin(intent_of(analysts())));
    // Another process has had the lock and is done with it.
    f.sql(
        "UPDATE lock_owners SET holder = 'x', command = 'tenantry destroy' WHERE tenant = 'acme'");
    f.value(kEndAll);
    auto const begun = f.run(store->begin(intent_of(analysts())));
    REQUIRE(!begun.has_value());
    CHECK(begun.error().code == Errc::locked);
    CHECK(begun.error().message.find("tenantry destroy on build-7") != std::string::npos);
    CHECK(f.run(store->put("acme", {}, {})).error().code == Errc::locked);
    CHECK(f.run(store->mark_applied("acme", "d", "t")).error().code == Errc::locked);
    CHECK(f.run(store->begin(intent_of(analysts("globex")))).has_value());
    // What is known of a call that was made is kept all the same.
    CHECK(f.run(store->finish(operation, Outcome())).has_value());
  }

  TEST_CASE("one run may have more locks than the server's table has places") {
    PostgresFixture f;
    constexpr int kTenants = 5'000;
    // The server of these tests has some 1,500 places.
    CHECK(f.value("SELECT current_setting('max_locks_per_transaction')") == "10");
    auto const store = f.open();
    std::vector<std::unique_ptr<TenantLock>> held;
    for (int i = 0; i < kTenants; ++i) {
      boost::asio::co_spawn(f.io, store->lock(fmt::format("t{}", i), owner_of(), 0ms),
                            [&](std::exception_ptr, auto lock) {
                              REQUIRE_MESSAGE(lock.has_value(),
                                              (lock ? "" : describe(lock.error())));
                              held.push_back(std::move(*lock));
                            });
    }
    f.io.restart();
    f.io.run();
    CHECK(held.size() == kTenants);
    auto const other = f.open();
    CHECK(f.run(other->lock("t4999", owner_of(), 0ms)).error().code == Errc::locked);
    f.value(kEndAll);
    f.get(store->tenants());  // on a new connection: they are kept
    CHECK(f.run(other->lock("t0", owner_of(), 0ms)).error().code == Errc::locked);
    held.clear();
    settle(f, *store);
    CHECK(f.value("SELECT count(*) FROM tenantry.lock_owners WHERE holder <> ''") == "0");
  }

  TEST_CASE("the locks of a store that ends are free at once, and one that is still held is not") {
    PostgresFixture f;
    auto store = f.open();
    auto const other = f.open();
    auto acme = f.get(store->lock("acme", owner_of(), 0ms));
    auto globex = f.get(store->lock("globex", owner_of(), 0ms));
    acme.reset();
    store.reset();
    CHECK(f.run(other->lock("acme", owner_of(), 0ms)).has_value());
    CHECK(f.run(other->lock("globex", owner_of(), 0ms)).error().code == Errc::locked);
    globex.reset();
    CHECK(f.run(other->lock("globex", owner_of(), 0ms)).has_value());
  }

  TEST_CASE("what a process that was killed has signed is no lock") {
    PostgresFixture f;
    auto const store = f.open();
    f.get(store->lock("acme", owner_of(), 0ms)).reset();
    settle(f, *store);
    f.sql("UPDATE lock_owners SET holder = 'a session that has ended'");
    CHECK(f.run(store->lock("acme", owner_of(), 0ms)).has_value());
  }

  TEST_CASE("a lock given back on a broken connection is free") {
    PostgresFixture f;
    auto const store = f.open();
    auto const other = f.open();
    auto lock = f.get(store->lock("acme", owner_of(), 0ms));
    auto const kept = f.get(store->lock("globex", owner_of(), 0ms));
    f.value(kEndAll);
    lock.reset();
    settle(f, *store);
    CHECK(f.run(other->lock("acme", owner_of(), 0ms)).has_value());
    CHECK(f.run(other->lock("globex", owner_of(), 0ms)).error().code == Errc::locked);
  }

  TEST_CASE("a server that does not answer is waited for until the deadline, and no longer") {
    PostgresFixture f;
    auto const deadline = std::make_shared<StopDeadline>();
    PostgresOptions options;
    options.mode = OpenMode::create_if_missing;
    options.times.stop = deadline;
    auto opened = f.try_open(options);
    REQUIRE(opened.has_value());
    auto keeper = PostgresFixture::connect();
    REQUIRE(keeper.execute("BEGIN; LOCK TABLE tenantry.operations").has_value());
    boost::asio::steady_timer timer(f.io, 50ms);
    timer.async_wait([&](auto) { deadline->set(300ms); });
    auto const start = std::chrono::steady_clock::now();
    auto const begun = f.run((*opened)->begin(intent_of(analysts())));
    REQUIRE(!begun.has_value());
    CHECK(begun.error().code == Errc::io);
    CHECK(begun.error().message.find("did not answer until the end") != std::string::npos);
    CHECK(!f.run((*opened)->begin(intent_of(analysts()))).has_value());
    opened->reset();
    auto const waited = std::chrono::steady_clock::now() - start;
    CHECK(waited >= 300ms);
    CHECK(waited < 10s);  // of 60 s without a deadline
  }

  TEST_CASE("writes under way when connections break are done once each") {
    PostgresFixture f;
    auto const store = f.open();
    constexpr int kWrites = 400;
    int done = 0;
    for (int i = 0; i < kWrites; ++i) {
      boost::asio::co_spawn(f.io, store->begin(intent_of(analysts(fmt::format("t{}", i % 7)))),
                            [&](std::exception_ptr, auto result) {
                              REQUIRE_MESSAGE(result.has_value(),
                                              (result ? "" : describe(result.error())));
                              if (++done % 60 == 0) f.value(kEndAll);
                            });
    }
    f.io.restart();
    f.io.run();
    CHECK(done == kWrites);
    CHECK(f.value("SELECT count(*) FROM tenantry.operations") == std::to_string(kWrites));
  }

  TEST_CASE("a server that stays away is an error after the time for it") {
    PostgresFixture f;
    PostgresOptions options;
    options.mode = OpenMode::create_if_missing;
    options.reconnect_max = 300ms;
    auto const opened = f.try_open(options);
    REQUIRE(opened.has_value());
    auto const& store = *opened;
    auto keeper = PostgresFixture::connect();
    auto const name = f.value("SELECT quote_ident(current_database())");
    auto const limit = [&](int connections) {
      auto done =
          keeper.execute(fmt::format("ALTER DATABASE {} CONNECTION LIMIT {}", name, connections));
      REQUIRE(done.has_value());
    };
    limit(1);
    REQUIRE(keeper.run({kEndAll, {}}).has_value());
    auto const begun = f.run(store->begin(intent_of(analysts())));
    limit(-1);
    REQUIRE(!begun.has_value());
    CHECK(begun.error().message.find("tried for 1 s") != std::string::npos);
    CHECK(begun.error().hint.starts_with("when the server is back"));
    CHECK(f.run(store->begin(intent_of(analysts()))).has_value());
  }
}

TEST_SUITE("postgres_dsn") {
  TEST_CASE("location: names the place and never the password") {
    auto const dsn = PostgresDsn::parse(
        Secret("postgresql://me:s%40cret@db.example:5433/fleet?sslmode=verify-full"));
    REQUIRE(dsn.has_value());
    CHECK(dsn->location() == "postgresql://me@db.example:5433/fleet");
    CHECK(dsn->has_password());
    auto const words = PostgresDsn::parse(Secret("host=db user=me dbname=fleet port=5434"));
    REQUIRE(words.has_value());
    CHECK(words->location() == "postgresql://me@db:5434/fleet");
    CHECK(!words->has_password());
  }

  TEST_CASE("parse: what could show a part of a password is refused without a word of it") {
    for (std::string const text :
         {"postgresql://me:s3c@ret@db/fleet", "postgresql://me:s3c/ret@db/fleet",
          "password='s3cret", "s3cret", "", "postgresql://me:s3c%zzret@db/fleet"}) {
      CAPTURE(text);
      auto const dsn = PostgresDsn::parse(Secret(text));
      REQUIRE(!dsn.has_value());
      CHECK(dsn.error().code == Errc::invalid);
      CHECK(describe(dsn.error()).find("s3c") == std::string::npos);
      CHECK(dsn.error().hint.find("%40") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tenantry::state
