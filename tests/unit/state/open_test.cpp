#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "state/migrations.hpp"
#include "state/state_file.hpp"
#include "tests/unit/state/fixture.hpp"

namespace tenantry::state {
namespace {
namespace fs = std::filesystem;

std::string content(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

unsigned mode_of(fs::path const& file) {
  struct stat info{};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

std::vector<std::string> names_in(fs::path const& folder) {
  std::vector<std::string> names;
  for (auto const& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

/// A state with rows, closed.
void fill(Fixture& f, int rows = 3) {
  auto const store = f.open();
  std::vector<ResourceRecord> records;
  for (int i = 0; i < rows; ++i) {
    records.push_back(record_of({"acme", "groups", fmt::format("g{}", i)}));
  }
  f.get(store->put("acme", records, {}));
}

/// Each mode refuses the file with `message` at the end, and leaves it as it is.
void check_refused(Fixture& f, std::string_view message) {
  auto const before = content(f.file);
  for (auto const mode : {OpenMode::create_if_missing, OpenMode::existing, OpenMode::read_only}) {
    auto const error = f.open_error(mode);
    CHECK(error.code == Errc::corrupt);
    CHECK_MESSAGE(error.message.ends_with(message), error.message);
    CHECK(error.message.find(f.file.filename().string()) != std::string::npos);
    CHECK(error.hint.find("tenantry apply --adopt-only") != std::string::npos);
    CHECK(content(f.file) == before);
  }
}

TEST_SUITE("open_local_store") {
  TEST_CASE("a missing file becomes a new state of mode 0600, and only where that is asked for") {
    Fixture f;
    CHECK(f.open_error(OpenMode::existing).code == Errc::not_found);
    CHECK(f.open_error(OpenMode::read_only).code == Errc::not_found);
    CHECK(names_in(f.folder.path()).empty());
    auto const old = ::umask(0);
    {
      auto const store = f.open();
      CHECK(mode_of(f.file) == 0600);
      CHECK(mode_of(wal_of(f.file)) == 0600);
      auto const lock = f.get(store->lock("acme", owner_of(), {}));
      CHECK(mode_of(f.file.string() + ".lock") == 0600);
    }
    ::umask(0277);
    f.file = f.folder.path() / "second.state";
    f.open();
    ::umask(old);
    CHECK(mode_of(f.file) == 0600);
  }

  TEST_CASE("a closed state is one file, and read_only leaves it at that") {
    Fixture f;
    fill(f);
    auto const before = content(f.file);
    CHECK(names_in(f.folder.path()) == std::vector<std::string>{"tenantry.state"});
    {
      auto const store = f.open(OpenMode::read_only);
      CHECK(f.get(store->load("acme")).resources.size() == 3);
      CHECK(names_in(f.folder.path()) == std::vector<std::string>{"tenantry.state"});
      for (auto const code : {f.run(store->begin(intent_of(analysts()))).error().code,
                              f.run(store->put("acme", {}, {})).error().code,
                              f.run(store->lock("acme", owner_of(), {})).error().code}) {
        CHECK(code == Errc::internal);
      }
    }
    CHECK(names_in(f.folder.path()) == std::vector<std::string>{"tenantry.state"});
    CHECK(content(f.file) == before);
  }

  TEST_CASE("read_only sees what another store writes, before, meanwhile and after") {
    Fixture f;
    fill(f);
    auto const early = f.open(OpenMode::read_only);
    CHECK(f.get(early->load("acme")).serial == 1);
    {
      auto const writer = f.open();
      f.get(writer->put("acme", {}, {}));
      CHECK(f.get(early->load("acme")).serial == 2);
      auto const late = f.open(OpenMode::read_only);
      CHECK(f.get(late->load("acme")).serial == 2);
      f.get(writer->put("acme", {}, {}));
      CHECK(f.get(late->load("acme")).serial == 3);
    }
    CHECK(f.get(early->load("acme")).serial == 3);
    f.get(f.open()->put("acme", {}, {}));
    CHECK(f.get(early->load("acme")).serial == 4);
  }

  TEST_CASE("an empty file is refused") {
    Fixture f;
    f.folder.write("tenantry.state", "");
    check_refused(f, "is empty, which a state never is: its content is lost");
  }

  TEST_CASE("a foreign file is refused by what it is") {
    Fixture f;
    f.folder.write("tenantry.state", R"({"a": 1})");
    check_refused(f, "is a JSON file");
    f.folder.write("tenantry.state", R"({"version": 4, "terraform_version": "1.9.0"})");
    check_refused(f, "is a state of Terraform, which Tenantry cannot read");
    f.folder.write("tenantry.state", std::string(5000, 'x'));
    check_refused(f, "is not a state of Tenantry");
    fs::remove(f.file);
    f.folder.write("tenantry.state", "xy");
    check_refused(f, "is not a state of Tenantry");
  }

  TEST_CASE("a SQLite database of another program is refused and not touched") {
    Fixture f;
    auto other = Connection::open_in_memory();
    REQUIRE(other.has_value());
    REQUIRE(other->execute("CREATE TABLE meta (schema_version)").has_value());
    f.folder.write("tenantry.state", *other->image());
    check_refused(f, "is a SQLite database of another program");
    CHECK(names_in(f.folder.path()).size() == 1);
  }

  TEST_CASE("a file cut off anywhere is refused") {
    Fixture f;
    fill(f, 400);
    auto const whole = content(f.file);
    REQUIRE(whole.size() > 80'000);
    for (std::size_t const size :
         {std::size_t{1}, std::size_t{15}, std::size_t{99}, std::size_t{100}, std::size_t{4096},
          std::size_t{5000}, whole.size() / 2, whole.size() - 4096, whole.size() - 1}) {
      CAPTURE(size);
      f.folder.write("tenantry.state", std::string_view(whole).substr(0, size));
      for (auto const mode : {OpenMode::create_if_missing, OpenMode::read_only}) {
        auto const error = f.open_error(mode);
        CHECK(error.code == Errc::corrupt);
        CHECK(!error.hint.empty());
      }
    }
  }

  TEST_CASE("a damaged page is refused") {
    Fixture f;
    fill(f, 400);
    auto whole = content(f.file);
    for (std::size_t page = 1; page < whole.size() / 4096; ++page) {
      std::fill_n(whole.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, '\x55');
    }
    f.folder.write("tenantry.state", whole);
    for (auto const mode : {OpenMode::existing, OpenMode::read_only}) {
      auto const error = f.open_error(mode);
      CHECK(error.code == Errc::corrupt);
      CHECK(error.message.find("is damaged") != std::string::npos);
    }
  }

  TEST_CASE("a state without its head is refused") {
    Fixture f;
    fill(f);
    f.sql("DELETE FROM meta");
    check_refused(f, "has lost its head");
    f.sql("DROP TABLE meta");
    check_refused(f, "has lost its head");
  }

  TEST_CASE("a state of a newer version is refused with the way out") {
    Fixture f;
    fill(f);
    f.sql("UPDATE meta SET schema_version = 99");
    for (auto const mode : {OpenMode::existing, OpenMode::read_only}) {
      auto const error = f.open_error(mode);
      CHECK(error.code == Errc::corrupt);
      CHECK(error.message.ends_with(fmt::format(
          "has version 99; this program knows versions up to {}", migrations().back().version)));
      CHECK(error.hint == "a newer tenantry has written it: use that one or a later one");
    }
  }

  TEST_CASE("a missing file beside its last commits is no new state") {
    Fixture f;
    f.folder.write("tenantry.state-wal", "commits");
    auto const error = f.open_error(OpenMode::create_if_missing);
    CHECK(error.code == Errc::corrupt);
    CHECK(error.message.find("is missing, but its last commits are there in") != std::string::npos);
    CHECK(!fs::exists(f.file));
  }

  TEST_CASE("what is no file is refused") {
    Fixture f;
    fs::create_directory(f.file);
    auto error = f.open_error(OpenMode::create_if_missing);
    CHECK(error.code == Errc::io);
    CHECK(error.message.ends_with("is a folder"));
    fs::remove(f.file);
    fs::create_symlink("nowhere", f.file);
    error = f.open_error(OpenMode::create_if_missing);
    CHECK(error.code == Errc::io);
    CHECK(error.message.ends_with("is a symbolic link to a file that is not there"));
    fs::remove(f.file);
    REQUIRE(::mkfifo(f.file.c_str(), 0600) == 0);
    error = f.open_error(OpenMode::existing);
    CHECK(error.code == Errc::io);
    f.file = f.folder.path() / "missing" / "tenantry.state";
    error = f.open_error(OpenMode::create_if_missing);
    CHECK(error.code == Errc::io);
    CHECK(error.hint.starts_with("the folder of the state must exist"));
  }

  TEST_CASE("a symbolic link leads to the one state and its files") {
    Fixture f;
    fill(f);
    fs::create_directory(f.folder.path() / "other");
    f.file = f.folder.path() / "other" / "link.state";
    fs::create_symlink("../tenantry.state", f.file);
    auto const store = f.open(OpenMode::existing);
    auto const lock = f.get(store->lock("acme", owner_of(), {}));
    CHECK(f.get(store->load("acme")).resources.size() == 3);
    CHECK(fs::exists(f.folder.path() / "tenantry.state.lock"));
    CHECK(names_in(f.folder.path() / "other") == std::vector<std::string>{"link.state"});
  }

  TEST_CASE("a name with characters that mean something in a URI is only a name") {
    Fixture f;
    f.file = f.folder.path() / "a?mode=memory#50%25 ü.state";
    fill(f);
    CHECK(fs::exists(f.file));
    CHECK(f.get(f.open(OpenMode::read_only)->load("acme")).serial == 1);
  }

  TEST_CASE("what a kill in the middle of making a state leaves is never in the way") {
    Fixture f;
    f.folder.write(".tenantry.state.Ab12Cd", "SQLite for");
    CHECK(f.get(f.open()->tenants()).empty());
  }
}

TEST_SUITE("migrate") {
  TEST_CASE("runs the missing steps in one transaction, once") {
    Fixture f;
    fill(f);
    auto db = open_state_file(f.file, Access::write, std::chrono::seconds(1));
    REQUIRE(db.has_value());
    std::vector<Migration> steps(migrations().begin(), migrations().end());
    auto const known = steps.back().version;
    steps.push_back({known + 1, "CREATE TABLE extra (x INTEGER) STRICT;"});
    steps.push_back({known + 2, "CREATE TABLE broken (x INTEGER) STRICT; CREATE NONSENSE;"});
    auto const failed = migrate(*db, steps);
    CHECK(!failed.has_value());
    CHECK(read_info(*db)->schema_version == known);
    CHECK(!db->execute("SELECT * FROM extra").has_value());
    steps.back().sql = "ALTER TABLE extra ADD COLUMN y INTEGER;";
    REQUIRE(migrate(*db, steps).has_value());
    REQUIRE(migrate(*db, steps).has_value());
    CHECK(read_info(*db)->schema_version == known + 2);
    CHECK(db->execute("SELECT x, y FROM extra").has_value());
  }
}

}  // namespace
}  // namespace tenantry::state
