// A state in a folder of its own, and what the tests of the state put into it.
#pragma once
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "state/local_store.hpp"
#include "state/migrations.hpp"
#include "state/sqlite.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::state {

/// What tests need of either backend. `SomeStore` is the store's type, `Options` that of its
/// open().
template <class SomeStore, class Options>
struct BackendFixture {
  test::FakeClock clock;
  SeededRandom random{7};
  boost::asio::io_context io;

  virtual ~BackendFixture() = default;
  virtual Result<std::unique_ptr<SomeStore>> try_open(Options options) = 0;

  std::unique_ptr<SomeStore> open(OpenMode mode = OpenMode::create_if_missing) {
    auto store = try_open(in(mode));
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : describe(store.error())));
    return std::move(*store);
  }
  Error open_error(OpenMode mode) {
    auto const store = try_open(in(mode));
    REQUIRE(!store.has_value());
    return store.error();
  }
  template <class T>
  Result<T> run(Task<T> task) {
    return test::run_on(io, std::move(task));
  }
  /// The value of a task that must succeed.
  template <class T>
  T get(Task<T> task) {
    auto result = run(std::move(task));
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : describe(result.error())));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

 private:
  static Options in(OpenMode mode) {
    Options options;
    options.mode = mode;
    return options;
  }
};

struct Fixture : BackendFixture<LocalStore, LocalOptions> {
  test::TempFolder folder;
  std::filesystem::path file = folder.path() / "tenantry.state";

  Result<std::unique_ptr<LocalStore>> try_open(LocalOptions options) override {
    return LocalStore::open(io.get_executor(), file, options, clock, random);
  }
  /// SQL on the file, past the store.
  void sql(std::string_view text) {
    auto db = Connection::open(file, Access::write, std::chrono::seconds(5));
    REQUIRE(db.has_value());
    auto const done = db->execute(text);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : describe(done.error())));
  }
  /// From now on no row of a resource can be written, until mend().
  void break_resources() {
    sql("CREATE TRIGGER fault BEFORE INSERT ON resources BEGIN SELECT RAISE(ABORT, 'no'); END");
  }
  void mend() { sql("DROP TRIGGER fault"); }
  /// The next open() is of another state.
  void change_place() { file = folder.path() / "other.state"; }
  std::string location() const { return std::filesystem::canonical(file).string(); }
  int newest_version() const { return migrations().back().version; }
};

inline Address analysts(std::string tenant = "acme") {
  return {std::move(tenant), "groups", "analysts"};
}

inline ResourceRecord record_of(Address address, std::string id = "id-1") {
  ResourceRecord record;
  record.address = std::move(address);
  record.id = RemoteId(std::move(id));
  record.applied = {{"name", "Analysts"}};
  record.created_at = record.updated_at = "2026-03-01T00:00:00Z";
  return record;
}

inline Intent intent_of(Address address, std::string action = "create") {
  Intent intent;
  intent.address = std::move(address);
  intent.action = std::move(action);
  intent.request_digest = "d1";
  intent.natural_key = "Analysts";
  intent.planned = {{"name", "Analysts"}};
  intent.run_id = "run-1";
  intent.started_at = "2026-03-01T00:00:01Z";
  return intent;
}

inline LockOwner owner_of(std::int64_t pid = ::getpid()) {
  return {"build-7", pid, "tenantry apply", "https://ci.example/1", "2026-03-01T12:00:00Z"};
}

/// Until everything that `store` was told before is done: locks are given back without waiting.
template <class Backend, class SomeStore>
void settle(Backend& f, SomeStore& store) {
  f.get(store.tenants());
}

/// Another process, made before any state is open here: SQLite and locks do not survive a fork.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) ::_exit(body());
  }
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() { (void)wait(); }
  pid_t pid() const { return pid_; }
  /// Exit status, or -1 for one that was killed.
  int wait() {
    if (ended_) return status_;
    ended_ = true;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return status_;
  }

 private:
  pid_t pid_;
  bool ended_ = false;
  int status_ = -1;
};

/// One process says "now" to another.
class Signal {
 public:
  Signal() { REQUIRE(::pipe(ends_) == 0); }
  Signal(Signal const&) = delete;
  Signal& operator=(Signal const&) = delete;
  ~Signal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void send() const { (void)!::write(ends_[1], "x", 1); }
  void wait() const {
    char byte = 0;
    (void)!::read(ends_[0], &byte, 1);
  }
  /// How often it was sent and not waited for.
  int waiting() const {
    int bytes = 0;
    (void)::ioctl(ends_[0], FIONREAD, &bytes);
    return bytes;
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace tenantry::state
