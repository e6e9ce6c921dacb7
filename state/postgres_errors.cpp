#include "state/postgres_errors.hpp"

#include <fmt/format.h>

#include <array>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"

namespace tenantry::state {
namespace {

struct Known {
  std::string_view words;  ///< of libpq or the server
  Errc code;
  std::string_view hint;
};

// The first that fits counts.
constexpr std::array kKnown{
    Known{"password authentication failed", Errc::unauthorized,
          "check user and password of the connection string (or PGPASSWORD, ~/.pgpass)"},
    Known{"no pg_hba.conf entry", Errc::unauthorized,
          "the server lets this user or address in only otherwise: ask for an entry in "
          "pg_hba.conf, or try sslmode=require"},
    Known{"certificate", Errc::tls,
          "name the CA by sslrootcert=FILE, and the host as its certificate does"},
    Known{"SSL", Errc::tls, "server and sslmode of the connection string must agree"},
    Known{"role \"", Errc::unauthorized,
          "the server does not know this user: create it, or name another one"},
    Known{"database \"", Errc::not_found,
          "create the database first (createdb NAME), or name another one"},
    Known{"could not translate host name", Errc::io,
          "check the host name of the connection string"},
    Known{"too many clients", Errc::io,
          "the server has no connection left (max_connections); each run needs one"},
    Known{"remaining connection slots", Errc::io,
          "the server has no connection left (max_connections); each run needs one"},
    Known{"starting up", Errc::connection,
          "the server is starting: run the command again in a moment"},
    Known{"shutting down", Errc::connection,
          "the server is stopping: run the command again when it is back"},
};

void mask(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), kMasked);
    at += kMasked.size();
  }
}

}  // namespace

std::string in_one_line(std::string_view text) {
  std::string line;
  for (char const c : text) {
    if (c == '\n' || c == '\t' || c == '\r') {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += c;
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return visible(line);
}

Error connect_error(std::string_view location, std::string reason, std::string_view password,
                    bool needs_password) {
  mask(reason, password);
  Error error(Errc::io, fmt::format("cannot open the state {}: {}", location, in_one_line(reason)),
              "check that the server runs and that this machine can reach it");
  if (needs_password) {
    error.code = Errc::unauthorized;
    error.hint =
        "the server asks for a password: give it in the connection string, PGPASSWORD or "
        "~/.pgpass";
    return error;
  }
  for (auto const& known : kKnown) {
    if (reason.find(known.words) == std::string::npos) continue;
    error.code = known.code;
    error.hint = known.hint;
    return error;
  }
  return error;
}

bool ends_session(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate == "57P01" || sqlstate == "57P02" ||
         sqlstate == "57P03" || sqlstate == "57P05" || sqlstate == "25P03";
}

bool may_pass(std::string_view sqlstate) { return sqlstate.starts_with("40"); }

Error statement_error(std::string_view location, std::string_view sqlstate,
                      std::string_view reason) {
  Error error(Errc::io, fmt::format("the state {} refused: {} (SQLSTATE {})", location,
                                    in_one_line(reason), sqlstate));
  if (sqlstate == "42501") {
    error.code = Errc::forbidden;
    error.hint =
        "this user lacks rights on the schema tenantry: let its owner grant them, or "
        "connect as the owner";
  } else if (sqlstate == "25006") {
    error.code = Errc::forbidden;
    error.hint =
        "the server only reads (a standby, or default_transaction_read_only): name the "
        "primary, e.g. by several hosts and target_session_attrs=read-write";
  } else if (sqlstate == "23505") {
    error.code = Errc::conflict;
  } else if (sqlstate.starts_with("53")) {
    error.hint = "the server lacks disk, memory or connections: free some, then run again";
  } else if (sqlstate.starts_with("42") || sqlstate.starts_with("XX")) {
    error.code = Errc::internal;
  } else if (sqlstate == "22021" || sqlstate == "22P05") {
    error.code = Errc::invalid;
  }
  return error;
}

}  // namespace tenantry::state
