#include "cli/state_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

using state::PostgresDsn;
using state::StateLocation;

Result<StateLocation> database(Secret text, std::string const& origin) {
  auto dsn = PostgresDsn::parse(std::move(text));
  if (dsn) return StateLocation(std::move(*dsn));
  auto error = dsn.error();
  if (!origin.empty()) error.message = origin + ": " + error.message;
  return error;
}

Result<StateLocation> from_variable(Invocation const& invocation, std::string const& name) {
  auto const value = invocation.environment(name);
  if (value && !value->empty()) return database(Secret(*value), name);
  return Error(Errc::invalid, fmt::format("the environment variable {} is not set", visible(name)),
               "it holds the connection string: postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
}

/// Of another scheme, or by keywords: no name that anybody gives a file.
bool looks_like_connection(std::string_view word) {
  constexpr std::array kMarks{"://", "password=", "dbname=", "host=", "user="};
  return std::ranges::any_of(
      kMarks, [&](std::string_view mark) { return word.find(mark) != std::string_view::npos; });
}

}  // namespace

Result<StateLocation> named_state(Invocation const& invocation, std::string const& word) {
  constexpr std::string_view kVariable = "env:";
  if (word.starts_with(kVariable)) return from_variable(invocation, word.substr(kVariable.size()));
  if (!state::is_postgres_uri(word)) {
    if (!looks_like_connection(word)) return StateLocation(std::filesystem::path(word));
    // Not repeated: there may be a password in it.
    return Error(Errc::invalid,
                 "this is neither a file nor of the form postgresql://USER@HOST/DATABASE",
                 "set a variable to the whole connection string and give env:NAME");
  }
  auto dsn = PostgresDsn::parse(Secret(word));
  if (!dsn) return dsn.error();
  if (dsn->has_password()) {
    return Error(Errc::invalid,
                 "the password in this connection string can be read by every user of the machine",
                 "leave it out and set PGPASSWORD, or set a variable to the whole string and give "
                 "env:NAME; change the password if others work on this machine");
  }
  return StateLocation(std::move(*dsn));
}

Result<StateLocation> state_location(Invocation const& invocation,
                                     config::StateSettings const& settings,
                                     config::Variables const& variables,
                                     std::filesystem::path const& folder, config::Target target) {
  if (invocation.global.state) return named_state(invocation, *invocation.global.state);
  if (target == config::Target::emulated) {
    return StateLocation(folder / kPrivateFolder / "emulated.state");
  }
  auto const dsn = invocation.environment("TENANTRY_STATE_DSN");
  if (dsn && !dsn->empty()) return database(Secret(*dsn), "TENANTRY_STATE_DSN");
  if (settings.backend == "local") {
    // `folder / path` is `path` where that is absolute.
    return StateLocation(folder / (settings.path.empty() ? "tenantry.state" : settings.path));
  }
  auto const where = settings.where.text();
  if (!settings.dsn.written()) {
    return Error(
        Errc::invalid,
        fmt::format("{}{}the state in PostgreSQL has no \"dsn\"", where, where.empty() ? "" : ": "),
        "write dsn: ${var.NAME} with a variable from the environment, or set "
        "TENANTRY_STATE_DSN");
  }
  auto text = config::reveal(settings.dsn, variables);
  if (!text) return text.error();
  return database(std::move(*text), settings.dsn.where.text());
}

Result<StateLocation> state_location(Invocation const& invocation,
                                     config::Configuration const& configuration,
                                     config::Target target) {
  return state_location(invocation, configuration.state(), configuration.variables(),
                        configuration.folder(), target);
}

}  // namespace tenantry::cli
