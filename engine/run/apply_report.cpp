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
  if (status == Status::done) return done;
  return static_cast<int>(std::ranges::count(unfinished, status, &ChangeReport::status));
}

void ApplyReport::add(ChangeReport change) {
  if (change.status != Status::done) {
    unfinished.push_back(std::move(change));
    return;
  }
  ++done;
  done_earlier += change.earlier;
}

}  // namespace tenantry::run
