#include "state/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace tenantry::state {
namespace {

std::string_view folder_of(std::string_view location) {
  auto const slash = location.rfind('/');
  return slash == std::string_view::npos ? "."
                                         : location.substr(0, std::max<std::size_t>(slash, 1));
}

/// `code`: extended result code; `text`: SQLite's own words.
Error error_of(int code, std::string_view text, std::string const& location) {
  auto const failed = [&](Errc errc, std::string hint) {
    return Error(errc, fmt::format("cannot use the state {}: {}", location, text), std::move(hint));
  };
  switch (code & 0xff) {
    case SQLITE_FULL:
      return failed(Errc::io, fmt::format("free space on the disk of {} and run the command again; "
                                          "everything reported as done is kept",
                                          folder_of(location)));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return failed(Errc::forbidden,
                    fmt::format("this user must be able to write the file and its folder "
                                "{}: SQLite keeps files of its own beside the state",
                                folder_of(location)));
    case SQLITE_CANTOPEN:
      return failed(Errc::io, fmt::format("check that the file and its folder {} exist and that "
                                          "this user may open and create files there",
                                          folder_of(location)));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failed(Errc::locked,
                    "another process has been writing it for too long; run the command again when "
                    "that one has ended (nobody has to unlock)");
    case SQLITE_IOERR:
      return failed(Errc::io,
                    "the disk or file system reported a fault; check it, then run the "
                    "command again: what did not become durable is found by recovery");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return corrupt_error(fmt::format("the state {} is damaged: {}", location, text), location);
    case SQLITE_CONSTRAINT:
      return failed(Errc::conflict, {});
    default:
      return failed(Errc::internal, {});
  }
}

Error error_of(detail::Handle const& handle, int code) {
  if (code == SQLITE_MISUSE || !handle.db)
    return error_of(code, sqlite3_errstr(code), handle.location);
  // The text belongs to the last call that failed; where that is another one, the code's own.
  auto const same = (sqlite3_errcode(handle.db) & 0xff) == (code & 0xff);
  auto const* const text = same ? sqlite3_errmsg(handle.db) : sqlite3_errstr(code);
  return error_of(code, text, handle.location);
}

/// A path as file: URI, so that no character in it has a meaning.
std::string uri_of(std::filesystem::path const& path, std::string_view query) {
  std::string uri = "file:";
  for (char const c : path.string()) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return uri + std::string(query);
}

int flags_of(Access access) {
  return SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
         (access == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
}

}  // namespace

Error corrupt_error(std::string message, std::string_view location) {
  return {Errc::corrupt, std::move(message),
          fmt::format("restore {0} from a backup (after moving {0}, {0}-wal and {0}-shm away); or "
                      "leave it, name a new file with --state and run `tenantry apply "
                      "--adopt-only`, which rebuilds the state from what is live",
                      location)};
}

detail::Handle::~Handle() {
  for (auto const& [sql, statement] : statements) sqlite3_finalize(statement);
  sqlite3_close_v2(db);
}

Query::Query(Query&& other) noexcept
    : handle_(other.handle_),
      statement_(std::exchange(other.statement_, nullptr)),
      code_(other.code_),
      bound_(other.bound_) {}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_);  // its error has been reported by the step
  sqlite3_clear_bindings(statement_);
}

void Query::bind(std::string_view text) {
  if (code_ != SQLITE_OK) return;
  // A null pointer would bind NULL, which is another value than "".
  code_ = sqlite3_bind_text64(statement_, ++bound_, text.empty() ? "" : text.data(), text.size(),
                              SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Query::bind(std::int64_t number) {
  if (code_ != SQLITE_OK) return;
  code_ = sqlite3_bind_int64(statement_, ++bound_, number);
}

Result<bool> Query::next() {
  if (code_ == SQLITE_OK) {
    auto const code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    code_ = code;
  }
  return error_of(*handle_, code_);
}

Result<void> Query::run() {
  while (true) {
    auto const row = next();
    if (!row) return row.error();
    if (!*row) return {};
  }
}

std::string Query::text(int column) const {
  auto const* const bytes = sqlite3_column_text(statement_, column);
  auto const size = sqlite3_column_bytes(statement_, column);
  if (!bytes) return {};
  return {reinterpret_cast<char const*>(bytes), static_cast<std::size_t>(size)};
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

Result<Connection> Connection::open(std::filesystem::path const& path, Access access,
                                    std::chrono::milliseconds busy_max) {
  auto handle = std::make_unique<detail::Handle>();
  handle->location = path.string();
  auto const uri =
      uri_of(std::filesystem::absolute(path), access == Access::immutable ? "?immutable=1" : "");
  auto const code = sqlite3_open_v2(uri.c_str(), &handle->db, flags_of(access), nullptr);
  if (code != SQLITE_OK) return error_of(*handle, code);
  sqlite3_busy_timeout(handle->db, static_cast<int>(busy_max.count()));
  sqlite3_db_config(handle->db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // SQLite falls back to reading without a word.
  if (access == Access::write && sqlite3_db_readonly(handle->db, "main") == 1) {
    return error_of(SQLITE_READONLY, sqlite3_errstr(SQLITE_READONLY), handle->location);
  }
  Connection connection(std::move(handle));
  return connection;
}

Result<Connection> Connection::open_in_memory() {
  auto handle = std::make_unique<detail::Handle>();
  handle->location = ":memory:";
  auto const code = sqlite3_open_v2(
      ":memory:", &handle->db,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (code != SQLITE_OK) return error_of(*handle, code);
  Connection connection(std::move(handle));
  return connection;
}

Result<void> Connection::configure() {
  // The content is not trusted: no SQL hidden in the schema runs with side effects, and a damaged
  // page is noticed when it is read.
  return execute(
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; "
      "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
}

Query Connection::query(std::string_view sql) {
  auto& statement = handle_->statements[std::string(sql)];
  int code = SQLITE_OK;
  if (!statement) {
    code = sqlite3_prepare_v3(handle_->db, sql.data(), static_cast<int>(sql.size()),
                              SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  ensure(!statement || sqlite3_stmt_busy(statement) == 0, "a query is used once at a time");
  return {handle_.get(), statement, code};
}

Result<void> Connection::execute(std::string_view sql) {
  auto const code = sqlite3_exec(handle_->db, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(*handle_, code);
  return {};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_->db); }
std::int64_t Connection::last_id() const { return sqlite3_last_insert_rowid(handle_->db); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_->db) == 0; }

Result<std::string> Connection::bytes(std::int64_t offset, std::size_t size) const {
  sqlite3_file* file = nullptr;
  auto code = sqlite3_file_control(handle_->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK) return error_of(*handle_, code);
  std::string out(size, '\0');
  sqlite3_int64 total = 0;
  code = file->pMethods->xFileSize(file, &total);
  if (code != SQLITE_OK) return error_of(*handle_, code);
  out.resize(static_cast<std::size_t>(
      std::clamp<std::int64_t>(total - offset, 0, static_cast<std::int64_t>(size))));
  code = file->pMethods->xRead(file, out.data(), static_cast<int>(out.size()), offset);
  if (code != SQLITE_OK) return error_of(*handle_, code);
  return out;
}

Result<std::string> Connection::image() const {
  sqlite3_int64 size = 0;
  std::unique_ptr<unsigned char, decltype(&sqlite3_free)> const bytes(
      sqlite3_serialize(handle_->db, "main", &size, 0), &sqlite3_free);
  if (!bytes) return error_of(SQLITE_NOMEM, "out of memory", handle_->location);
  return std::string(reinterpret_cast<char const*>(bytes.get()), static_cast<std::size_t>(size));
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  auto begun = connection.query(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN").run();
  if (!begun) return begun.error();
  return Transaction(connection);
}

Transaction::~Transaction() {
  // SQLite itself rolls back after some errors; then there is nothing left to do.
  if (connection_ && connection_->in_transaction()) (void)connection_->query("ROLLBACK").run();
}

Result<void> Transaction::commit() {
  auto done = connection_->query("COMMIT").run();
  if (done) connection_ = nullptr;
  return done;
}

}  // namespace tenantry::state
