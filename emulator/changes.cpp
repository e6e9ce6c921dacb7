#include "emulator/changes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace tenantry::emulator {
namespace {

constexpr int kApplicationId = 0x51454d55;  // marks the file as ours
constexpr int kFormat = 1;
constexpr char kStartAnew[] = "delete the file and start anew";

constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS objects("
    " owner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY(owner, kind, id)) WITHOUT ROWID";

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

std::string column(sqlite3_stmt* statement, int at) {
  auto const* const text = sqlite3_column_text(statement, at);
  auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<char const*>(text), size);
}

}  // namespace

struct Changes::Database {
  sqlite3* handle = nullptr;
  Statement put, erase, erase_owner, erase_all;

  ~Database() {
    put.reset();
    erase.reset();
    erase_owner.reset();
    erase_all.reset();
    sqlite3_close(handle);
  }

  int run(std::string const& sql) {
    return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  }

  int number(char const* pragma) {
    auto const statement = prepare(pragma);
    if (!statement || sqlite3_step(statement.get()) != SQLITE_ROW) return -1;
    return sqlite3_column_int(statement.get(), 0);
  }

  Statement prepare(char const* sql) {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(handle, sql, -1, &raw, nullptr);
    return Statement(raw);
  }

  bool apply(Change const& change) {
    sqlite3_stmt* statement = nullptr;
    switch (change.action) {
      case Action::put:
        statement = put.get();
        bind_text(statement, 1, change.owner);
        bind_text(statement, 2, change.kind);
        bind_text(statement, 3, change.id);
        sqlite3_bind_int64(statement, 4, static_cast<sqlite3_int64>(change.sequence));
        bind_text(statement, 5, change.json);
        break;
      case Action::erase:
        statement = erase.get();
        bind_text(statement, 1, change.owner);
        bind_text(statement, 2, change.kind);
        bind_text(statement, 3, change.id);
        break;
      case Action::erase_owner:
        statement = erase_owner.get();
        bind_text(statement, 1, change.owner);
        break;
      case Action::erase_all:
        statement = erase_all.get();
        break;
    }
    auto const done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    return done;
  }
};

Changes::Changes() = default;
Changes::~Changes() = default;

Result<void> Changes::open(std::filesystem::path const& file,
                           std::function<void(StoredObject)> const& on_object) {
  // SQLite would create the file with the umask's permissions; it holds digests of secrets.
  auto const descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error(Errc::io, fmt::format("cannot open the emulator's data file {}", file.string()),
                 "check the folder and its permissions");
  }
  ::close(descriptor);
  auto database = std::make_unique<Database>();
  auto const failed = [&](Errc code, std::string_view what, std::string hint) {
    return Error(code, fmt::format("the emulator's data file {} {}", file.string(), what),
                 std::move(hint));
  };
  if (sqlite3_open_v2(file.c_str(), &database->handle, SQLITE_OPEN_READWRITE, nullptr) !=
      SQLITE_OK) {
    return failed(Errc::io, "cannot be opened", "check its permissions");
  }
  database->run("PRAGMA locking_mode=EXCLUSIVE");
  auto const mode = database->run("PRAGMA journal_mode=WAL");
  auto const locked = mode == SQLITE_OK ? database->run("BEGIN IMMEDIATE; COMMIT") : mode;
  if (locked == SQLITE_BUSY || locked == SQLITE_LOCKED) {
    return failed(Errc::locked, "is in use by another emulator", "stop it, or name another file");
  }
  auto const id = database->number("PRAGMA application_id");
  auto const tables = database->number("SELECT count(*) FROM sqlite_schema");
  auto const fresh = id == 0 && tables == 0;
  if (locked != SQLITE_OK || (!fresh && id != kApplicationId) ||
      (!fresh && database->number("PRAGMA user_version") != kFormat)) {
    return failed(Errc::corrupt, "is not one of this emulator",
                  "name another file, or delete this one if it may go");
  }
  database->run("PRAGMA synchronous=NORMAL");
  auto const created = database->run(kSchema) == SQLITE_OK &&
                       database->run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}",
                                                 kApplicationId, kFormat)) == SQLITE_OK;
  database->put = database->prepare("INSERT OR REPLACE INTO objects VALUES(?,?,?,?,?)");
  database->erase = database->prepare("DELETE FROM objects WHERE owner=? AND kind=? AND id=?");
  database->erase_owner = database->prepare("DELETE FROM objects WHERE owner=?");
  database->erase_all = database->prepare("DELETE FROM objects");
  // Owners sort first by "", so that tenants are known before their objects come.
  auto const all = database->prepare(
      "SELECT owner, kind, id, sequence, body FROM objects ORDER BY owner, kind, sequence");
  auto const problem = sqlite3_errcode(database->handle);
  if (problem == SQLITE_CORRUPT || problem == SQLITE_NOTADB) {
    return failed(Errc::corrupt, "cannot be read", kStartAnew);
  }
  if (!created || !database->put || !all) {
    return failed(Errc::io, "cannot be written", "check its permissions and the free space");
  }
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(all.get())) == SQLITE_ROW) {
    auto body = parse_json(column(all.get(), 4));
    if (!body || !body->is_object()) {
      return failed(Errc::corrupt, "holds a broken object", kStartAnew);
    }
    // Whoever takes it relies on what it wrote; an edited file may hold anything.
    try {
      on_object({column(all.get(), 0), column(all.get(), 1), column(all.get(), 2),
                 static_cast<std::uint64_t>(sqlite3_column_int64(all.get(), 3)),
                 std::move(body->get_object())});
    } catch (std::exception const&) {
      return failed(Errc::corrupt, "holds a broken object", kStartAnew);
    }
  }
  if (step != SQLITE_DONE) {
    return failed(Errc::corrupt, "cannot be read", kStartAnew);
  }
  database_ = std::move(database);
  return {};
}

void Changes::put(std::string_view owner, std::string_view kind, std::uint64_t sequence,
                  std::string_view id, Object const& data) {
  if (!database_) return;
  pending_.push_back({Action::put, std::string(owner), std::string(kind), std::string(id), sequence,
                      boost::json::serialize(data)});
}

void Changes::erase(std::string_view owner, std::string_view kind, std::string_view id) {
  note({Action::erase, std::string(owner), std::string(kind), std::string(id), 0, {}});
}

void Changes::erase_owner(std::string_view owner) {
  note({Action::erase_owner, std::string(owner), {}, {}, 0, {}});
}

void Changes::erase_all() { note({Action::erase_all, {}, {}, {}, 0, {}}); }

void Changes::note(Change change) {
  if (database_) pending_.push_back(std::move(change));
}

Result<void> Changes::commit() {
  if (pending_.empty()) return {};
  auto done = database_->run("BEGIN IMMEDIATE") == SQLITE_OK;
  for (auto const& change : pending_) done = done && database_->apply(change);
  done = done && database_->run("COMMIT") == SQLITE_OK;
  if (!done) {
    Error error(Errc::io, fmt::format("the emulator's data file cannot be written: {}",
                                      sqlite3_errmsg(database_->handle)));
    if (sqlite3_get_autocommit(database_->handle) == 0) database_->run("ROLLBACK");
    return error;
  }
  pending_.clear();
  return {};
}

}  // namespace tenantry::emulator
