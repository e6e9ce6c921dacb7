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
  auto count = std::ranges::count(changes, status, &ChangeReport::status);
  if (status == Status::never_started) {
    for (auto const& tenant : not_begun) count += tenant.changes;
  }
  return static_cast<int>(count);
}

bool ApplyReport::is_all_done() const {
  return not_begun.empty() &&
         std::ranges::all_of(changes, [](auto const& c) { return c.status == Status::done; });
}

void ApplyReport::add(ChangeReport change, bool list_done) {
  bool const is_done = change.status == Status::done;
  done += is_done;
  done_earlier += is_done && change.earlier;
  if (!is_done || list_done) changes.push_back(std::move(change));
}

}  // namespace tenantry::run
