#include "state/tombstone.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"

namespace tenantry::state {

std::optional<Error> moved_error(Tombstone const& tombstone, std::string_view location) {
  if (!tombstone.moved_to.empty()) {
    auto const to = visible(tombstone.moved_to);
    return Error(Errc::stale,
                 fmt::format("the state {} has moved to {} at {}", location, to,
                             visible(tombstone.moved_at)),
                 "use it there: set `state` in the configuration, TENANTRY_STATE_DSN or --state");
  }
  if (!tombstone.arriving_from.empty()) {
    return Error(
        Errc::stale,
        fmt::format("the state {} is a copy of {} that was not completed", location,
                    visible(tombstone.arriving_from)),
        fmt::format("run `tenantry state migrate --to {}` on the old state again", location));
  }
  return std::nullopt;
}

Error replaced_error(std::string_view location) {
  return {Errc::stale, fmt::format("the state {} is another one since it was opened", location),
          "run the command again"};
}

}  // namespace tenantry::state
