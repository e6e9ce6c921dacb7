#include "cli/invocation.hpp"

#include <fmt/format.h>

namespace tenantry::cli {

Exit fail(Invocation& invocation, Error const& error) {
  invocation.console.status({});
  invocation.console.error(error);
  return exit_of(outcome_of(error));
}

Error not_in_this_version(std::string_view what) {
  return Error(Errc::invalid, fmt::format("{} is not in this version of tenantry", what));
}

}  // namespace tenantry::cli
