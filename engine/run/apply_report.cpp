// What an apply reports.
#include <algorithm>

#include "engine/run/applier.hpp"

namespace tenantry::run {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::done:
      return "done";
    case Status::failed:
      return "failed";
    case Status::never_started:
      return "never started";
    case Status::unknown:
      return "unknown";
    case Status::stale:
      return "stale";
  }
  return "unknown";
}

int ApplyReport::count(Status status) const {
  return static_cast<int>(
      std::ranges::count_if(changes, [&](auto const& c) { return c.status == status; }));
}

}  // namespace tenantry::run
