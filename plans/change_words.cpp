#include "plans/change_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/render.hpp"

namespace tenantry::plans {

bool is_grave(Change const& change) { return destroys(change) || change.guard.has_value(); }

std::string_view noun_of(Action action) {
  switch (action) {
    case Action::no_op:
      return "reported drift";
    case Action::create:
      return "creation";
    case Action::update:
      return "update";
    case Action::replace:
      return "replacement";
    case Action::delete_:
      return "deletion";
    case Action::adopt:
      return "adoption";
    case Action::deactivate:
      return "deactivation";
    case Action::reactivate:
      return "reactivation";
    case Action::release:
      return "release";
    case Action::forget:
      return "removal from state";
  }
  return "change";
}

std::string counted_changes(std::vector<Change> const& changes) {
  bool const same = std::ranges::all_of(
      changes, [&](auto const& change) { return change.action == changes.front().action; });
  if (!same) return counted(changes.size(), "change");
  if (changes.front().action == Action::no_op && !changes.front().reason_detail.empty()) {
    return counted(changes.size(), "move");
  }
  if (changes.front().action == Action::forget && changes.size() > 1) {
    return fmt::format("{} removals from state", changes.size());
  }
  return counted(changes.size(), noun_of(changes.front().action));
}

std::string reason_of(Change const& change) {
  return change.reason_detail.empty() ? std::string(words_of(change.reason)) : change.reason_detail;
}

std::string why_of(Change const& change) {
  auto const reason = reason_of(change);
  if (change.action == Action::no_op) return reason;
  auto const action = std::string(name_of(change.action));
  return reason.empty() ? action : action + ", " + reason;
}

}  // namespace tenantry::plans
