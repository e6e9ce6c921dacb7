// SQLite with owners: connection, query, transaction; what it refuses becomes our Error.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/core/error.hpp"
#include "state/row.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tenantry::state {

/// How a file is opened. It must exist.
enum class Access {
  write,
  read,       ///< sees what other processes commit; joins the WAL that they use
  immutable,  ///< takes no lock and makes no file: for a file that nobody has open
};

namespace detail {
struct Handle {
  sqlite3* db = nullptr;
  std::string location;
  std::unordered_map<std::string, sqlite3_stmt*> statements;
  Handle() = default;
  Handle(Handle const&) = delete;
  Handle& operator=(Handle const&) = delete;
  ~Handle();
};
}  // namespace detail

/// One use of a statement: bind, then step. Values are bound in order; an error of preparing or
/// binding comes out of the first step. Must not outlive its connection.
class Query final : public Row {
 public:
  Query(Query&& other) noexcept;
  Query(Query const&) = delete;
  Query& operator=(Query const&) = delete;
  ~Query() override;

  template <class... Values>
  Query& with(Values const&... values) {
    (bind(values), ...);
    return *this;
  }
  /// True when there is a (further) row.
  Result<bool> next();
  /// To the end, without looking at rows.
  Result<void> run();
  /// Of the present row; columns count from 0.
  std::string text(int column) const override;
  std::int64_t integer(int column) const override;

 private:
  friend class Connection;
  Query(detail::Handle* handle, sqlite3_stmt* statement, int code)
      : handle_(handle), statement_(statement), code_(code) {}
  void bind(std::string_view text);
  void bind(std::int64_t number);
  void bind(int number) { bind(std::int64_t{number}); }
  void bind(bool truth) { bind(std::int64_t{truth ? 1 : 0}); }
  void bind(char const* text) { bind(std::string_view(text)); }
  void bind(std::string const& text) { bind(std::string_view(text)); }

  detail::Handle* handle_;
  sqlite3_stmt* statement_;
  int code_;       ///< of the first thing that went wrong
  int bound_ = 0;  ///< values bound so far
};

/// An open database. Used by one thread at a time.
class Connection {
 public:
  /// `busy_max`: how long a call waits for another process that writes.
  /// Errors: io; locked, corrupt as from every call.
  static Result<Connection> open(std::filesystem::path const& path, Access access,
                                 std::chrono::milliseconds busy_max);
  /// Settings that every connection needs. Apart from open(), because they make SQLite read the
  /// file. Errors: those of SQLite.
  Result<void> configure();
  /// A database in memory, which belongs to nobody else.
  static Result<Connection> open_in_memory();

  /// Prepared once, then kept.
  Query query(std::string_view sql);
  /// Any number of statements without values.
  Result<void> execute(std::string_view sql);
  /// Rows that the last INSERT, UPDATE or DELETE has changed.
  std::int64_t changes() const;
  std::int64_t last_id() const;
  bool in_transaction() const;
  std::string const& location() const { return handle_->location; }
  /// The bytes of the main database file at `offset`, fewer at its end. Read through SQLite's own
  /// descriptor: closing another one of the same file would drop the locks of this process.
  Result<std::string> bytes(std::int64_t offset, std::size_t size) const;
  /// All of an in-memory database in the form of a file.
  Result<std::string> image() const;

 private:
  explicit Connection(std::unique_ptr<detail::Handle> handle) : handle_(std::move(handle)) {}
  std::unique_ptr<detail::Handle> handle_;
};

/// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  /// A writing one waits here, and only here, for other processes. `connection` must outlive it.
  static Result<Transaction> begin(Connection& connection, Kind kind);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, {})) {}
  Transaction(Transaction const&) = delete;
  Transaction& operator=(Transaction const&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

/// What a corrupt or unknown file at `location` means and how to go on.
Error corrupt_error(std::string message, std::string_view location);

}  // namespace tenantry::state
