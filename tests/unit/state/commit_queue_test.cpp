#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {
namespace {

/// All of `tasks` at once; true for each that succeeded.
template <class T>
std::vector<bool> run_together(boost::asio::io_context& io, std::vector<Task<T>> tasks) {
  std::vector<bool> done(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    boost::asio::co_spawn(
        io,
        [](Task<T> task, std::vector<bool>& out,
           std::size_t index) -> boost::asio::awaitable<void> {
          auto const result = co_await std::move(task);
          out[index] = result.has_value();
        }(std::move(tasks[i]), done, i),
        boost::asio::detached);
  }
  io.restart();
  io.run();
  return done;
}

std::vector<Task<std::int64_t>> begin_many(LocalStore& store, int count) {
  std::vector<Task<std::int64_t>> tasks;
  for (int i = 0; i < count; ++i) {
    tasks.push_back(store.begin(intent_of({"acme", "groups", fmt::format("g{}", i)})));
  }
  return tasks;
}

TEST_SUITE("commit queue") {
  TEST_CASE("write: a hundred operations at once share a few commits") {
    Fixture f;
    auto const store = f.open();
    auto const done = run_together(f.io, begin_many(*store, 100));
    CHECK(std::ranges::count(done, true) == 100);
    CHECK(store->commits() >= 1);
    CHECK(store->commits() < 30);
    CHECK(f.get(store->load("acme")).open.size() == 100);
  }

  TEST_CASE("write: a piece that fails does not take the others with it") {
    Fixture f;
    auto const store = f.open();
    f.sql(
        "CREATE TRIGGER fault BEFORE INSERT ON operations WHEN new.key = 'g7'"
        " BEGIN SELECT RAISE(ABORT, 'no'); END");
    auto const done = run_together(f.io, begin_many(*store, 20));
    CHECK(std::ranges::count(done, true) == 19);
    CHECK(!done[7]);
    CHECK(f.get(store->load("acme")).open.size() == 19);
  }

  TEST_CASE("write: where SQLite gives up the transaction, every piece of it has failed") {
    Fixture f;
    auto const store = f.open();
    f.sql(
        "CREATE TRIGGER fault BEFORE INSERT ON operations WHEN new.key = 'g7'"
        " BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    auto const done = run_together(f.io, begin_many(*store, 20));
    CHECK(!done[7]);
    // What was reported as done is there, and nothing else.
    CHECK(f.get(store->load("acme")).open.size() ==
          static_cast<std::size_t>(std::ranges::count(done, true)));
  }

  TEST_CASE("write: a full disk is a clear error, and what is there stays whole") {
    Fixture f;
    {
      auto const store = f.open();
      f.get(store->put("acme", {record_of(analysts())}, {}));
    }
    LocalOptions options;
    options.pages_max = 40;
    auto opened = f.try_open(options);
    REQUIRE(opened.has_value());
    auto const& store = *opened;
    Result<void> put;
    int written = 0;
    for (; put && written < 100; ++written) {
      auto record = record_of({"acme", "groups", fmt::format("g{}", written)});
      record.applied["filler"] = std::string(20'000, 'x');
      put = f.run(store->put("acme", {record}, {}));
    }
    REQUIRE(!put.has_value());
    CHECK(put.error().code == Errc::io);
    CHECK(put.error().message.ends_with("database or disk is full"));
    CHECK(put.error().hint.starts_with("free space on the disk of"));
    auto const acme = f.get(store->load("acme"));
    CHECK(acme.serial == written);  // 1 of the beginning, 1 for each but the last
    CHECK(acme.resources.size() == static_cast<std::size_t>(written));
    f.get(store->put("acme", {}, {analysts()}));
    opened->reset();
    CHECK(f.get(f.open()->load("acme")).serial == written + 1);
  }

  TEST_CASE("write: waits for another writer, but not for ever") {
    Fixture f;
    LocalOptions options;
    options.mode = OpenMode::create_if_missing;
    options.busy_max = std::chrono::milliseconds(20);
    auto opened = f.try_open(options);
    REQUIRE(opened.has_value());
    auto& store = *opened;
    {
      auto other = Connection::open(f.file, Access::write, std::chrono::seconds(1));
      REQUIRE(other.has_value());
      auto const held = Transaction::begin(*other, Transaction::Kind::write);
      REQUIRE(held.has_value());
      auto const begun = f.run(store->begin(intent_of(analysts())));
      REQUIRE(!begun.has_value());
      CHECK(begun.error().code == Errc::locked);
      CHECK(begun.error().hint.find("nobody has to unlock") != std::string::npos);
      CHECK(f.get(store->load("acme")).open.empty());  // reading goes on
    }
    CHECK(f.get(store->begin(intent_of(analysts()))) == 1);
  }

  TEST_CASE("destructor: what is queued is done first") {
    Fixture f;
    auto db = Connection::open_in_memory();
    REQUIRE(db.has_value());
    std::promise<void> gate;
    std::thread opener;
    int done = 0;  // on the queue's thread until that has ended
    {
      CommitQueue queue(f.io.get_executor(), std::move(*db), &read_in_transaction);
      CommitQueue::Work<void> const piece = [&](Connection&) -> Result<void> {
        if (done++ == 0) gate.get_future().wait();
        return {};
      };
      for (int i = 0; i < 20; ++i) {
        boost::asio::co_spawn(f.io, queue.write<void>(piece), boost::asio::detached);
      }
      f.io.poll();  // all are queued, and the first holds up the thread
      opener = std::thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        gate.set_value();
      });
    }
    opener.join();
    CHECK(done == 20);
  }

  TEST_CASE("write: work that throws is an error, and the queue goes on") {
    Fixture f;
    auto db = Connection::open_in_memory();
    REQUIRE(db.has_value());
    CommitQueue queue(f.io.get_executor(), std::move(*db), &read_in_transaction);
    CommitQueue::Work<int> const bad = [](Connection&) -> Result<int> {
      throw std::runtime_error("no memory");
    };
    auto const failed = f.run(queue.write<int>(bad));
    REQUIRE(!failed.has_value());
    CHECK(failed.error().code == Errc::internal);
    CommitQueue::Work<int> const good = [](Connection&) -> Result<int> { return 5; };
    CHECK(f.get(queue.read<int>(good)) == 5);
    CHECK(f.get(queue.write<int>(good)) == 5);
    CHECK(queue.commits() == 2);
  }
}

}  // namespace
}  // namespace tenantry::state
