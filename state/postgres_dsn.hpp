// How a PostgreSQL server is reached: a connection string of libpq, which may hold a password.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "engine/core/error.hpp"
#include "engine/core/secret.hpp"

namespace tenantry::state {

/// True for the URI form, which no file name has: "postgresql://..." or "postgres://...".
bool is_postgres_uri(std::string_view text);

/// A connection string that libpq understands, as URI or as `name=value` pairs. What it does not
/// say comes from where libpq looks: PG* variables, ~/.pgpass, services.
class PostgresDsn {
 public:
  /// Errors: invalid. They never quote the text, since a misplaced character would show a password.
  static Result<PostgresDsn> parse(Secret text);

  bool has_password() const { return has_password_; }
  /// "postgresql://user@host:5432/database", for messages.
  std::string const& location() const { return location_; }
  Secret const& text() const { return text_; }
  /// What `text` sets, by libpq's names, but for passwords.
  std::map<std::string, std::string> const& settings() const { return settings_; }

 private:
  PostgresDsn() = default;
  Secret text_;
  bool has_password_ = false;
  std::string location_;
  std::map<std::string, std::string> settings_;
};

}  // namespace tenantry::state
