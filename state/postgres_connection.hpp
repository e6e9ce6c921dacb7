// libpq with owners: connection, statements, rows; what the server refuses becomes our Error.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.hpp"
#include "state/postgres_dsn.hpp"
#include "state/row.hpp"
#include "state/stop_deadline.hpp"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace tenantry::state {

/// SQL with $1, $2... and their values as text.
struct Statement {
  std::string sql;
  std::vector<std::string> values;
};

namespace detail {
struct ClearResult {
  void operator()(PGresult* result) const;
};
}  // namespace detail

/// `text` where PostgreSQL can hold it, else written so that it can: for words that only people
/// read.
std::string as_text(std::string text);
/// Whether it can: well-formed UTF-8 without zero bytes.
bool is_text(std::string_view text);

/// What a statement gave, and the place of a row in it.
class Rows final : public Row {
 public:
  explicit Rows(PGresult* result);
  std::size_t size() const;
  /// Goes to the first row, then to each next; false after the last.
  bool next() { return ++row_ < static_cast<int>(size()); }
  std::string text(int column) const override;
  std::int64_t integer(int column) const override;
  bool truth(int column) const { return text(column) == "t"; }

 private:
  std::unique_ptr<PGresult, detail::ClearResult> result_;
  int row_ = -1;
};

/// Limits of waiting for a server.
struct PostgresTimes {
  std::chrono::seconds connect_max{10};  ///< of one attempt to connect, where the DSN has no own
  std::chrono::seconds answer_max{60};   ///< without a word from the server
  std::shared_ptr<StopDeadline const> stop = std::make_shared<StopDeadline>();
};

/// An open connection. Used by one thread at a time.
class PostgresConnection {
 public:
  /// Errors: unauthorized, tls, not_found (database), io; with what to do. Errors of all that
  /// follows besides those of the server: connection when it broke, so that the same may work on a
  /// new one.
  static Result<PostgresConnection> open(PostgresDsn const& dsn, PostgresTimes times);

  /// Sends all at once and gives what each gave. The first that fails ends it: what comes after is
  /// not done, and what came before is undone unless a transaction is open.
  Result<std::vector<Rows>> run(std::span<Statement const> statements);
  Result<Rows> run(Statement statement);
  /// Any number of statements without values.
  Result<void> execute(std::string const& sql);

  /// True when the connection broke, in a call or since: its session, transaction and locks are
  /// gone or soon will be, and whether the last COMMIT was done is not known.
  bool is_lost();
  /// Of the last failure; "" when it was no statement that failed.
  std::string const& sqlstate() const { return sqlstate_; }
  std::string const& location() const { return location_; }
  /// To wait for news of the server.
  int socket() const;
  /// Tells this session from every other one, before and after it.
  std::int64_t backend_pid() const { return backend_pid_; }
  std::string const& backend_start() const { return backend_start_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const;
  };
  struct Sent {
    std::size_t statement = 0;
    bool prepares = false;
  };
  PostgresConnection() = default;
  Result<void> set_up();
  Result<std::vector<Sent>> send(std::span<Statement const> statements);
  Result<std::vector<Rows>> receive(std::span<Statement const> statements,
                                    std::vector<Sent> const& sent);
  Result<void> await_result();
  Error broken(std::string_view what);
  Error refused(PGresult const* result);

  std::unique_ptr<PGconn, Finish> connection_;
  PostgresTimes times_;
  std::string location_;
  std::map<std::string, std::string, std::less<>> prepared_;  ///< SQL -> name in the session
  std::size_t names_ = 0;
  std::string sqlstate_;
  bool lost_ = false;
  std::int64_t backend_pid_ = 0;
  std::string backend_start_;
};

}  // namespace tenantry::state
