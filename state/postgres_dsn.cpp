#include "state/postgres_dsn.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>

#include "engine/core/text.hpp"

namespace tenantry::state {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr std::string_view kForm =
    "the form is postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in a password, write every other "
    "character than letters and digits as %XX (@ is %40, / is %2F)";

Error unreadable() {
  return {Errc::invalid, "the connection string of the state cannot be read", std::string(kForm)};
}

bool is_password(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword";
}

/// What libpq takes for what `settings` does not say.
std::string setting(std::map<std::string, std::string> const& settings, std::string const& name) {
  if (auto const found = settings.find(name); found != settings.end()) return found->second;
  Options const defaults(PQconndefaults(), &PQconninfoFree);
  for (auto const* option = defaults.get(); option && option->keyword; ++option) {
    if (name == option->keyword && option->val) return option->val;
  }
  return {};
}

std::string describe_location(std::map<std::string, std::string> const& settings) {
  auto const user = setting(settings, "user");
  auto host = setting(settings, "host");
  if (host.empty()) host = setting(settings, "hostaddr");
  auto database = setting(settings, "dbname");
  if (database.empty()) database = user;
  if (host.empty() || host.starts_with('/')) {
    return visible(fmt::format("postgresql://{}@{}/{}", user,
                               host.empty() ? "local" : "[" + host + "]", database));
  }
  return visible(
      fmt::format("postgresql://{}@{}:{}/{}", user, host, setting(settings, "port"), database));
}

/// Whether a part of a password may have come into a place that messages show: "pa@ss", "pa/ss".
bool looks_misread(std::map<std::string, std::string> const& settings) {
  for (auto const* const name : {"host", "hostaddr", "dbname", "port"}) {
    auto const found = settings.find(name);
    if (found == settings.end()) continue;
    if (found->second.find('@') != std::string::npos) return true;
    if (std::string_view(name) == "port" &&
        found->second.find_first_not_of("0123456789,") != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_postgres_uri(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

Result<PostgresDsn> PostgresDsn::parse(Secret text) {
  std::string const kept(text.reveal());
  // Without a sign of either form libpq would take the whole text for a database's name.
  if (!is_postgres_uri(kept) && kept.find('=') == std::string::npos) return unreadable();
  if (kept.find('\0') != std::string::npos || !is_utf8(kept)) return unreadable();
  char* reason = nullptr;  // not shown: it quotes the text
  Options const options(PQconninfoParse(kept.c_str(), &reason), &PQconninfoFree);
  PQfreemem(reason);
  if (!options) return unreadable();
  PostgresDsn dsn;
  for (auto const* option = options.get(); option->keyword; ++option) {
    if (!option->val || *option->val == '\0') continue;
    if (is_password(option->keyword)) {
      dsn.has_password_ = true;
    } else {
      dsn.settings_[option->keyword] = option->val;
    }
  }
  if (looks_misread(dsn.settings_)) return unreadable();
  dsn.location_ = describe_location(dsn.settings_);
  dsn.text_ = std::move(text);
  return dsn;
}

}  // namespace tenantry::state
