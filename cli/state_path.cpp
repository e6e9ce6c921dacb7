#include "cli/state_path.hpp"

namespace tenantry::cli {

Result<std::filesystem::path> state_path(Invocation const& invocation,
                                         config::StateSettings const& settings,
                                         std::filesystem::path const& folder,
                                         config::Target target) {
  if (invocation.global.state) return std::filesystem::path(*invocation.global.state);
  if (target == config::Target::emulated) return folder / kPrivateFolder / "emulated.state";
  auto const dsn = invocation.environment("TENANTRY_STATE_DSN");
  if (dsn && !dsn->empty()) {
    auto error = not_in_this_version("a state in PostgreSQL (TENANTRY_STATE_DSN)");
    error.hint = "unset TENANTRY_STATE_DSN to use a local state";
    return error;
  }
  if (settings.backend != "local") {
    auto error = not_in_this_version("a state in PostgreSQL");
    auto const where = settings.where.text();
    if (!where.empty()) error.message = where + ": " + error.message;
    error.hint = "use a local state: state: {backend: local}";
    return error;
  }
  // `folder / path` is `path` where that is absolute.
  return folder / (settings.path.empty() ? "tenantry.state" : settings.path);
}

}  // namespace tenantry::cli
