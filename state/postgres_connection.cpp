#include "state/postgres_connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "engine/core/text.hpp"
#include "state/postgres_errors.hpp"

namespace tenantry::state {
using namespace std::chrono_literals;
namespace {

constexpr int kServerVersionMin = 130'000;

/// What is used where the DSN does not say otherwise: a connection whose other end is gone without
/// a word is noticed within half a minute.
std::vector<std::pair<std::string, std::string>> defaults(PostgresTimes const& times) {
  auto const connect_max =
      std::chrono::ceil<std::chrono::seconds>(times.stop->at_most(times.connect_max));
  return {{"connect_timeout", std::to_string(std::max(connect_max, 1s).count())},
          {"keepalives_idle", "10"},
          {"keepalives_interval", "5"},
          {"keepalives_count", "3"},
          {"tcp_user_timeout", "30000"},
          {"fallback_application_name", "tenantry"}};
}

/// Settings of a session: none of them may come from the role or the database.
constexpr char const* kSession =
    "SET client_min_messages = error; SET search_path = pg_catalog; SET TIME ZONE 'UTC';"
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
    "SET default_transaction_isolation = 'read committed';"
    "SET standard_conforming_strings = on;"
    // The server notices a client that is gone without a word, and drops its locks.
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = 30000;"
    // A commit that is reported is on disk; a stricter setting of the server stays.
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";

using PgResult = std::unique_ptr<PGresult, detail::ClearResult>;

void ignore_notice(void*, char const*) {}

}  // namespace

bool is_text(std::string_view text) {
  return is_utf8(text) && text.find('\0') == std::string_view::npos;
}

std::string as_text(std::string text) { return is_text(text) ? std::move(text) : visible(text); }

Rows::Rows(PGresult* result) : result_(result) {}
void detail::ClearResult::operator()(PGresult* result) const { PQclear(result); }
std::size_t Rows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::string Rows::text(int column) const {
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::int64_t Rows::integer(int column) const {
  std::string_view const digits(PQgetvalue(result_.get(), row_, column));
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

void PostgresConnection::Finish::operator()(PGconn* connection) const { PQfinish(connection); }

Result<PostgresConnection> PostgresConnection::open(PostgresDsn const& dsn, PostgresTimes times) {
  std::vector<char const*> names{"dbname"};
  std::string const text(dsn.text().reveal());
  std::vector<char const*> values{text.c_str()};
  auto const given = defaults(times);
  for (auto const& [name, value] : given) {
    if (dsn.settings().contains(name)) continue;
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back("client_encoding");
  values.push_back("UTF8");
  names.push_back(nullptr);
  values.push_back(nullptr);

  PostgresConnection self;
  self.times_ = times;
  self.location_ = dsn.location();
  self.connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  auto* const raw = self.connection_.get();
  if (PQstatus(raw) != CONNECTION_OK) {
    auto const* const password = PQpass(raw);
    return connect_error(self.location_, PQerrorMessage(raw), password ? password : "",
                         PQconnectionNeedsPassword(raw) == 1);
  }
  PQsetNoticeProcessor(raw, &ignore_notice, nullptr);
  auto ready = self.set_up();
  if (!ready) return ready.error();
  return self;
}

Result<void> PostgresConnection::set_up() {
  auto* const raw = connection_.get();
  if (PQserverVersion(raw) < kServerVersionMin) {
    return Error(
        Errc::io,
        fmt::format("the server of {} is PostgreSQL {}", location_, PQserverVersion(raw) / 10'000),
        "use PostgreSQL 13 or later");
  }
  auto const* const encoding = PQparameterStatus(raw, "server_encoding");
  if (!encoding || std::string_view(encoding) != "UTF8") {
    return Error(Errc::io,
                 fmt::format("the database of {} has the encoding {}", location_,
                             encoding ? encoding : "unknown"),
                 "use a database with the encoding UTF8 (createdb -E UTF8 -T template0 NAME)");
  }
  if (PQsetnonblocking(raw, 1) != 0) return broken("cannot be used");
  auto done = execute(kSession);
  if (!done) return done;
  auto who =
      run({"SELECT pid, backend_start::text FROM pg_stat_activity"
           " WHERE pid = pg_backend_pid()",
           {}});
  if (!who) return who.error();
  if (who->next()) {
    backend_pid_ = who->integer(0);
    backend_start_ = who->text(1);
  }
  return {};
}

int PostgresConnection::socket() const { return PQsocket(connection_.get()); }

bool PostgresConnection::is_lost() {
  if (!lost_ &&
      (PQconsumeInput(connection_.get()) == 0 || PQstatus(connection_.get()) != CONNECTION_OK)) {
    lost_ = true;
  }
  return lost_;
}

Error PostgresConnection::broken(std::string_view what) {
  lost_ = true;
  sqlstate_.clear();
  return {Errc::connection, fmt::format("the connection to the state {} {}: {}", location_, what,
                                        in_one_line(PQerrorMessage(connection_.get())))};
}

Error PostgresConnection::refused(PGresult const* result) {
  auto const* const code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // libpq's own errors have no code: it lost the connection or its senses.
  if (!code || PQstatus(connection_.get()) != CONNECTION_OK) return broken("broke");
  sqlstate_ = code;
  auto const* const reason = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  auto error = statement_error(location_, sqlstate_, reason ? reason : "");
  if (ends_session(sqlstate_)) {
    lost_ = true;
    error.code = Errc::connection;
  }
  return error;
}

Result<void> PostgresConnection::await_result() {
  auto* const raw = connection_.get();
  bool flushed = false;
  while (true) {
    if (!flushed) {
      auto const rest = PQflush(raw);
      if (rest < 0) return broken("broke");
      flushed = rest == 0;
    }
    if (flushed && PQisBusy(raw) == 0) return {};
    // What TLS has decrypted already, no socket tells of.
    auto* const tls = static_cast<SSL*>(PQsslStruct(raw, "OpenSSL"));
    if (tls != nullptr && SSL_pending(tls) > 0) {
      if (PQconsumeInput(raw) == 0) return broken("broke");
      continue;
    }
    pollfd wanted{PQsocket(raw), static_cast<short>(POLLIN | (flushed ? 0 : POLLOUT)), 0};
    auto const ready = times_.stop->poll(std::span(&wanted, 1), times_.answer_max);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      lost_ = true;
      sqlstate_.clear();
      return Error(Errc::connection,
                   times_.stop->is_over()
                       ? fmt::format("the state {} did not answer until the end", location_)
                       : fmt::format("the state {} did not answer for {} s", location_,
                                     times_.answer_max.count()));
    }
    if ((wanted.revents & ~POLLOUT) != 0 && PQconsumeInput(raw) == 0) return broken("broke");
  }
}

Result<void> PostgresConnection::execute(std::string const& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return broken("broke");
  std::optional<Error> failure;
  while (true) {
    auto arrived = await_result();
    if (!arrived) return arrived;
    PgResult const result(PQgetResult(connection_.get()));
    if (!result) break;
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failure) {
      failure = refused(result.get());
    }
  }
  if (failure) return *failure;
  return {};
}

Result<Rows> PostgresConnection::run(Statement statement) {
  auto results = run(std::span<Statement const>(&statement, 1));
  if (!results) return results.error();
  return std::move(results->front());
}

Result<std::vector<PostgresConnection::Sent>> PostgresConnection::send(
    std::span<Statement const> statements) {
  auto* const raw = connection_.get();
  std::vector<Sent> sent;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    auto const& [sql, values] = statements[i];
    auto known = prepared_.find(sql);
    if (known == prepared_.end()) {
      known = prepared_.emplace(sql, fmt::format("s{}", ++names_)).first;
      if (PQsendPrepare(raw, known->second.c_str(), sql.c_str(), 0, nullptr) == 0) {
        return broken("broke");
      }
      sent.push_back({i, true});
    }
    std::vector<char const*> texts;
    for (auto const& value : values) {
      if (!is_text(value)) {
        lost_ = true;  // half of a pipeline is sent: this session cannot go on
        return Error(Errc::internal, "a text that PostgreSQL cannot hold was not refused before");
      }
      texts.push_back(value.c_str());
    }
    if (PQsendQueryPrepared(raw, known->second.c_str(), static_cast<int>(texts.size()),
                            texts.data(), nullptr, nullptr, 0) == 0) {
      return broken("broke");
    }
    sent.push_back({i, false});
  }
  if (PQpipelineSync(raw) == 0) return broken("broke");
  return sent;
}

Result<std::vector<Rows>> PostgresConnection::receive(std::span<Statement const> statements,
                                                      std::vector<Sent> const& sent) {
  auto* const raw = connection_.get();
  std::vector<Rows> rows;
  std::optional<Error> failure;
  std::string code;
  for (auto const& [statement, prepares] : sent) {
    auto arrived = await_result();
    if (!arrived) return arrived.error();
    PgResult result(PQgetResult(raw));
    if (!result) return broken("broke");
    auto const status = PQresultStatus(result.get());
    bool const fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!fine && prepares) prepared_.erase(statements[statement].sql);
    if (!fine && !failure && status != PGRES_PIPELINE_ABORTED) {
      failure = refused(result.get());
      code = sqlstate_;
      if (lost_) return *failure;
    }
    if (fine && !prepares) rows.emplace_back(result.release());
    arrived = await_result();
    if (!arrived) return arrived.error();
    result.reset(PQgetResult(raw));  // the null that ends the results of a statement
    ensure(!result, "one statement, one result");
  }
  auto arrived = await_result();
  if (!arrived) return arrived.error();
  PgResult const sync(PQgetResult(raw));
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) return broken("broke");
  if (failure) {
    sqlstate_ = code;
    return *failure;
  }
  return rows;
}

Result<std::vector<Rows>> PostgresConnection::run(std::span<Statement const> statements) {
  sqlstate_.clear();
  if (PQenterPipelineMode(connection_.get()) == 0) return broken("broke");
  auto const sent = send(statements);
  if (!sent) return sent.error();
  auto rows = receive(statements, *sent);
  if (!lost_ && PQexitPipelineMode(connection_.get()) == 0) return broken("broke");
  return rows;
}

}  // namespace tenantry::state
