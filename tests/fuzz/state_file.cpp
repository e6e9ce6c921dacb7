// A state file of others: the bytes of a SQLite file; or else texts that stand in the columns of a
// good one, in the order of kColumns.
#include "state/state_file.hpp"

#include <fstream>

#include "state/journal.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace tenantry::fuzz {
namespace {
namespace fs = std::filesystem;
using namespace tenantry::state;

constexpr std::string_view kMagic("SQLite format 3\0", 16);

/// Folders of memory where the machine has one: a state is written for each input.
class Folder {
 public:
  Folder() {
    auto name = std::string(fs::exists("/dev/shm") ? "/dev/shm" : "/tmp") + "/tenantry-fuzz-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path file() const { return path_ / "tenantry.state"; }
  void put(std::string_view bytes) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  fs::path path_;
};

/// The bytes of a state with one resource and one open operation.
std::string good_state(Folder const& folder) {
  fs::remove(folder.file());
  test::FakeClock clock;
  SeededRandom random(7);
  ensure(create_state_file(folder.file(), clock, random).has_value(), "a state can be made");
  std::ifstream file(folder.file(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Rows with the texts of the input, written past the store.
void put_rows(fs::path const& file, std::string_view input) {
  auto const texts = parts(input, 10);
  auto const text = [&](std::size_t number) { return std::string(part(texts, number)); };
  auto db = Connection::open(file, Access::write, std::chrono::seconds(1));
  ensure(db.has_value(), "a good state can be opened");
  (void)db->query("INSERT INTO tenants VALUES ('acme', 1, ?, ?)").with(text(6), text(7)).run();
  (void)db->query("INSERT INTO resources VALUES ('acme', ?, ?, 'id', ?, ?, ?, ?, 0, ?, '', '')")
      .with(text(8), text(9), text(0), text(1), text(2), text(3), text(4))
      .run();
  (void)db
      ->query(
          "INSERT INTO operations VALUES (NULL, 'acme', ?, ?, 'create', 'd', 'n', 'id', ?,"
          " ?, ?, 'run', 'open', '', '', ?)")
      .with(text(8), text(9), text(0), text(1), text(5), text(6))
      .run();
}

void check_error(Error const& error) {
  ensure(error.code != Errc::internal || !error.message.empty(), "what is wrong is told");
}

void load_tenant(Connection& db, std::string const& key) {
  auto const loaded = journal::load(db, key);
  if (!loaded) return check_error(loaded.error());
  for (auto const& [address, record] : loaded->resources) {
    ensure(address == record.address, "a row is found by its address");
    ensure(address.tenant == key, "a row is its tenant's");
    ensure(parse_address(address.text()).has_value(), "an address of a row can be read");
    (void)canonical(record.applied);
  }
  for (auto const& operation : loaded->open) (void)canonical(operation.intent.context);
  (void)journal::lock_slot(db, key);
  (void)journal::lock_owner(db, key);
}

void read(fs::path const& file) {
  auto const located = locate_state_file(file);
  if (!located) return check_error(located.error());
  auto db = open_state_file(*located, Access::immutable, std::chrono::milliseconds(10));
  if (!db) return check_error(db.error());
  auto const checked = check_state(*db, Depth::whole);
  if (!checked) check_error(checked.error());
  // Also what did not pass: of a large file only the head is looked at before its rows are read.
  (void)read_info(*db);
  auto const tenants = journal::tenants(*db);
  if (!tenants) return check_error(tenants.error());
  constexpr std::size_t kTenantsMax = 10;
  for (std::size_t i = 0; i < std::min(tenants->size(), kTenantsMax); ++i) {
    load_tenant(*db, (*tenants)[i]);
  }
  auto const history = journal::history(*db, {}, 20);
  if (!history) check_error(history.error());
}

}  // namespace

void state_file(std::string_view input) {
  static Folder const folder;
  static std::string const good = good_state(folder);
  if (input.starts_with(kMagic)) {
    folder.put(input);
  } else {
    folder.put(good);
    put_rows(folder.file(), input);
  }
  read(folder.file());
  for (auto const* const suffix : {"-wal", "-shm"}) fs::remove(folder.file().string() + suffix);
}

}  // namespace tenantry::fuzz
