#include "engine/run/narrowed_changes.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
using plans::Reason;

void keep_adoptions(std::vector<Change>& changes) {
  std::erase_if(changes, [](Change const& c) { return c.action != Action::adopt; });
  for (auto& change : changes) {
    for (auto const& attribute : change.attributes) change.after[attribute.name] = attribute.before;
    change.attributes.clear();
  }
}

void keep_drift(std::vector<Change>& changes) {
  for (auto& change : changes) {
    for (auto& attribute : change.attributes) {
      if (attribute.drifted) change.drift_only.push_back(std::move(attribute));
    }
    change.attributes.clear();
    change.released.clear();
    change.action = Action::no_op;
    if (change.reason != Reason::gone) change.reason = Reason::none;
  }
  std::erase_if(changes,
                [](Change const& c) { return c.drift_only.empty() && c.reason != Reason::gone; });
}

}  // namespace tenantry::run
