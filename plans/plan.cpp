#include "plans/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/digest.hpp"

namespace tenantry::plans {
namespace {

struct ActionRow {
  Action action;
  std::string_view name;
  std::string_view symbol;
};
constexpr std::array kActions{
    ActionRow{Action::no_op, "no-op", " "},
    ActionRow{Action::create, "create", "+"},
    ActionRow{Action::update, "update", "~"},
    ActionRow{Action::replace, "replace", "-/+"},
    ActionRow{Action::delete_, "delete", "-"},
    ActionRow{Action::adopt, "adopt", ">"},
    ActionRow{Action::deactivate, "deactivate", "-"},
    ActionRow{Action::reactivate, "reactivate", "+"},
    ActionRow{Action::release, "release", "<"},
    ActionRow{Action::forget, "forget", "."},
};
static_assert(kActions.size() == kActionCount);

constexpr std::array kReasons{
    std::pair{Reason::none, std::string_view("none")},
    std::pair{Reason::not_in_state, std::string_view("not_in_state")},
    std::pair{Reason::config_changed, std::string_view("config_changed")},
    std::pair{Reason::drifted, std::string_view("drifted")},
    std::pair{Reason::config_and_drift, std::string_view("config_and_drift")},
    std::pair{Reason::gone, std::string_view("gone")},
    std::pair{Reason::attribute_cannot_change, std::string_view("attribute_cannot_change")},
    std::pair{Reason::replace_requested, std::string_view("replace_requested")},
    std::pair{Reason::no_longer_declared, std::string_view("no_longer_declared")},
    std::pair{Reason::destroy_requested, std::string_view("destroy_requested")},
    std::pair{Reason::adoption, std::string_view("adoption")},
    std::pair{Reason::declared_deactivated, std::string_view("declared_deactivated")},
    std::pair{Reason::held, std::string_view("held")},
    std::pair{Reason::tenant_removed, std::string_view("tenant_removed")},
    std::pair{Reason::declared_active_again, std::string_view("declared_active_again")},
    std::pair{Reason::purge_date_passed, std::string_view("purge_date_passed")},
    std::pair{Reason::attributes_released, std::string_view("attributes_released")},
    std::pair{Reason::secret_due, std::string_view("secret_due")},
};

ActionRow const& row_of(Action action) {
  auto const found = std::ranges::find(kActions, action, &ActionRow::action);
  ensure(found != kActions.end(), "every action has a row");
  return *found;
}

bool stops(Change const& change) { return change.guard && !change.guard->acknowledged; }

}  // namespace

std::string_view name_of(Action action) { return row_of(action).name; }
std::string_view symbol_of(Action action) { return row_of(action).symbol; }

Result<Action> parse_action(std::string_view name) {
  auto const found = std::ranges::find(kActions, name, &ActionRow::name);
  if (found != kActions.end()) return found->action;
  return Error(Errc::invalid, fmt::format("unknown action \"{}\"", name));
}

bool calls_api(Action action) {
  switch (action) {
    case Action::no_op:
    case Action::release:
    case Action::forget:
      return false;
    case Action::create:
    case Action::update:
    case Action::replace:
    case Action::delete_:
    case Action::adopt:
    case Action::deactivate:
    case Action::reactivate:
      return true;
  }
  return true;
}

std::string_view name_of(Reason reason) {
  for (auto const& [value, name] : kReasons) {
    if (value == reason) return name;
  }
  ensure(false, "every reason has a name");
  return {};
}

Result<Reason> parse_reason(std::string_view name) {
  for (auto const& [value, known] : kReasons) {
    if (known == name) return value;
  }
  return Error(Errc::invalid, fmt::format("unknown reason \"{}\"", name));
}

bool is_shown(Change const& change) {
  bool const is_moved = change.action == Action::no_op && !change.reason_detail.empty();
  return change.changes_something() || !change.drift_only.empty() || change.guard.has_value() ||
         is_moved;
}

std::string digest_of(Change const& change) {
  Array attributes;
  for (auto const& attribute : change.attributes) {
    attributes.push_back(Array{Value(attribute.name), attribute.before, attribute.after});
  }
  Value const identity = Object{{"address", change.address.text()},
                                {"action", name_of(change.action)},
                                {"id", change.id.text()},
                                {"attributes", std::move(attributes)},
                                {"secrets", change.secrets}};
  constexpr std::size_t kDigits = 12;
  return sha256_hex(canonical(identity)).substr(0, kDigits);
}

Cost& Cost::operator+=(Cost const& other) {
  reads += other.reads;
  writes += other.writes;
  register_writes += other.register_writes;
  return *this;
}

bool TenantPlan::has_changes() const {
  return !moves.empty() || std::ranges::any_of(changes, &Change::changes_something);
}

std::string const& TenantPlan::former_key() const {
  auto const found =
      std::ranges::find_if(moves, [](auto const& move) { return move.from.is_tenant(); });
  return found == moves.end() ? key : found->from.tenant;
}

void TenantPlan::refuse(Error why) {
  error = std::move(why);
  changes.clear();
}

bool TenantPlan::stopped_by_guard() const { return std::ranges::any_of(changes, stops); }

bool Plan::has_changes() const { return std::ranges::any_of(tenants, &TenantSummary::has_changes); }

bool Plan::has_errors() const {
  return warnings.has_errors() ||
         std::ranges::any_of(tenants, [](auto const& tenant) { return tenant.error.has_value(); });
}

std::map<Action, std::int64_t> count_actions(Plan const& plan) {
  std::map<Action, std::int64_t> counts;
  for (auto const& tenant : plan.tenants) {
    for (auto const& row : kActions) {
      if (auto const count = tenant.count(row.action); count > 0) counts[row.action] += count;
    }
    if (tenant.unchanged > 0) counts[Action::no_op] += tenant.unchanged;
  }
  return counts;
}

}  // namespace tenantry::plans
