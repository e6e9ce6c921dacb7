// What several processes at one state see of each other.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {
namespace {
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A store of a child process, which has no test framework to report to; null on failure.
std::unique_ptr<LocalStore> open_quietly(Fixture& f, OpenMode mode) {
  LocalOptions options;
  options.mode = mode;
  auto store = f.try_open(options);
  if (store) return std::move(*store);
  std::fprintf(stderr, "child: %s\n", describe(store.error()).c_str());
  return nullptr;
}

TEST_SUITE("processes") {
  TEST_CASE("two that make a state at once end up with the same one") {
    for (int round = 0; round < 3; ++round) {
      Fixture f;
      Signal go;
      auto const make = [&](std::uint64_t seed, std::string tenant) {
        go.wait();
        f.random = SeededRandom(seed);
        auto const store = open_quietly(f, OpenMode::create_if_missing);
        if (!store) return 1;
        return f.run(store->put(tenant, {record_of(analysts(tenant))}, {})) ? 0 : 2;
      };
      Child one([&] { return make(1, "acme"); });
      Child two([&] { return make(2, "globex"); });
      go.send();
      go.send();
      CHECK(one.wait() == 0);
      CHECK(two.wait() == 0);
      CHECK(f.get(f.open(OpenMode::existing)->tenants()) ==
            std::vector<std::string>{"acme", "globex"});
      CHECK(std::distance(fs::directory_iterator(f.folder.path()), {}) == 1);
    }
  }

  TEST_CASE("two that write different tenants at once lose nothing") {
    Fixture f;
    f.open();
    Signal go;
    auto const write = [&](std::string tenant) {
      go.wait();
      auto const store = open_quietly(f, OpenMode::existing);
      if (!store) return 1;
      auto const lock = f.run(store->lock(tenant, owner_of(), 0ms));
      if (!lock) return 2;
      for (int i = 0; i < 40; ++i) {
        auto const operation = f.run(store->begin(intent_of(analysts(tenant))));
        if (!operation) return 3;
        Outcome outcome;
        outcome.upsert = record_of(analysts(tenant), fmt::format("id-{}", i));
        if (!f.run(store->finish(*operation, outcome))) return 4;
      }
      return 0;
    };
    Child one([&] { return write("acme"); });
    Child two([&] { return write("globex"); });
    go.send();
    go.send();
    CHECK(one.wait() == 0);
    CHECK(two.wait() == 0);
    auto const store = f.open(OpenMode::existing);
    for (auto const* const tenant : {"acme", "globex"}) {
      auto const state = f.get(store->load(tenant));
      CHECK(state.serial == 40);
      CHECK(state.open.empty());
      CHECK(state.find(analysts(tenant))->id == RemoteId("id-39"));
    }
  }

  TEST_CASE("a lock holds between processes and ends with its holder, however that ends") {
    for (bool const killed : {false, true}) {
      CAPTURE(killed);
      Fixture f;
      Signal locked;
      Signal may_end;
      Child holder([&] {
        auto const store = open_quietly(f, OpenMode::create_if_missing);
        if (!store) return 1;
        auto const lock = f.run(store->lock("acme", owner_of(::getpid()), 0ms));
        if (!lock) return 2;
        if (!f.run(store->begin(intent_of(analysts())))) return 3;
        locked.send();
        may_end.wait();
        ::_exit(0);  // nothing is released, nothing closed
      });
      locked.wait();
      auto const store = f.open(OpenMode::existing);
      auto const refused = f.run(store->lock("acme", owner_of(), 0ms));
      REQUIRE(!refused.has_value());
      CHECK(refused.error().code == Errc::locked);
      CHECK(refused.error().message.find(fmt::format("(pid {})", holder.pid())) !=
            std::string::npos);
      if (killed) {
        ::kill(holder.pid(), SIGKILL);
      } else {
        may_end.send();
      }
      CHECK(holder.wait() == (killed ? -1 : 0));
      CHECK(f.run(store->lock("acme", owner_of(), 0ms)).has_value());
      CHECK(f.get(store->load("acme")).open.size() == 1);  // the intent was durable
    }
  }

  TEST_CASE("what a killed process had committed is there for each mode") {
    Fixture f;
    Child writer([&]() -> int {
      auto const store = open_quietly(f, OpenMode::create_if_missing);
      if (!store || !f.run(store->put("acme", {record_of(analysts())}, {}))) return 1;
      ::_exit(0);
    });
    REQUIRE(writer.wait() == 0);
    REQUIRE(fs::file_size(f.file.string() + "-wal") > 0);
    CHECK(f.get(f.open(OpenMode::read_only)->load("acme")).serial == 1);
    CHECK(f.get(f.open(OpenMode::existing)->load("acme")).serial == 1);
    CHECK(!fs::exists(f.file.string() + "-wal"));
  }

  TEST_CASE("what was reported as written survives a kill at any moment") {
    for (int const after : {1, 7, 30}) {
      Fixture f;
      f.open();
      Signal written;
      Child writer([&]() -> int {
        auto const store = open_quietly(f, OpenMode::existing);
        for (int i = 0; store && i < 10'000; ++i) {
          Outcome outcome;
          outcome.upsert = record_of(analysts(), fmt::format("id-{}", i));
          auto const operation = f.run(store->begin(intent_of(analysts())));
          if (!operation || !f.run(store->finish(*operation, outcome))) return 1;
          written.send();
        }
        return 2;
      });
      for (int i = 0; i < after; ++i) written.wait();
      ::kill(writer.pid(), SIGKILL);
      REQUIRE(writer.wait() == -1);
      auto const reported = after + written.waiting();
      auto const acme = f.get(f.open(OpenMode::existing)->load("acme"));
      CHECK(acme.serial >= reported);
      CHECK(acme.serial <= reported + 1);
      CHECK(acme.open.size() <= 1);
      CHECK(acme.find(analysts())->id == RemoteId(fmt::format("id-{}", acme.serial - 1)));
    }
  }

  TEST_CASE("a kill while a state is made leaves none or a whole one") {
    for (int delay_us = 0; delay_us < 2'000; delay_us += 200) {
      CAPTURE(delay_us);
      Fixture f;
      Signal go;
      Child maker([&] {
        go.send();
        return open_quietly(f, OpenMode::create_if_missing) ? 0 : 1;
      });
      go.wait();
      ::usleep(static_cast<useconds_t>(delay_us));
      ::kill(maker.pid(), SIGKILL);
      maker.wait();
      CHECK(f.get(f.open()->tenants()).empty());
    }
  }

  TEST_CASE("a full disk while a state is made leaves nothing") {
    Fixture f;
    Child maker([&] {
      rlimit const limit{8192, 8192};
      ::signal(SIGXFSZ, SIG_IGN);
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
      LocalOptions options;
      options.mode = OpenMode::create_if_missing;
      auto const store = f.try_open(options);
      return !store && store.error().code == Errc::io ? 0 : 2;
    });
    CHECK(maker.wait() == 0);
    CHECK(fs::is_empty(f.folder.path()));
  }

  TEST_CASE("without permission to write, the state can be read and the rest is a clear error") {
    if (::geteuid() != 0) return;  // only root can become somebody else
    Fixture f;
    f.get(f.open()->put("acme", {record_of(analysts())}, {}));
    fs::permissions(f.folder.path(), fs::perms(0755));
    auto const as_nobody = [&](OpenMode mode, Errc expected, std::string_view hint) {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 10;
      LocalOptions options;
      options.mode = mode;
      auto const store = f.try_open(options);
      if (store) return f.run((*store)->load("acme")) ? 0 : 11;
      if (store.error().code != expected) return 12;
      return store.error().hint.find(hint) == std::string::npos ? 13 : 1;
    };
    auto const status = [&](OpenMode mode, Errc expected, std::string_view hint) {
      Child child([&] { return as_nobody(mode, expected, hint); });
      return child.wait();
    };
    // Not readable: 0600 of another user.
    CHECK(status(OpenMode::existing, Errc::io, "this user may open") == 1);
    fs::permissions(f.file, fs::perms(0644));
    // Readable in a folder that is not writable.
    CHECK(status(OpenMode::read_only, Errc::io, "") == 0);
    CHECK(status(OpenMode::existing, Errc::forbidden, "must be able to write the file") == 1);
    // A folder that may not be looked into.
    fs::permissions(f.folder.path(), fs::perms(0700));
    CHECK(status(OpenMode::existing, Errc::io, "check the permissions") == 1);
    // Nothing can be made where the folder is not writable.
    fs::permissions(f.folder.path(), fs::perms(0755));
    f.file = f.folder.path() / "new.state";
    CHECK(status(OpenMode::create_if_missing, Errc::io, "must exist and be writable") == 1);
  }
}

}  // namespace
}  // namespace tenantry::state
