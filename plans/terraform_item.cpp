#include "plans/terraform_item.hpp"

#include <algorithm>

#include "engine/core/json_text.hpp"
#include "plans/plan_json.hpp"

namespace tenantry::plans {
namespace {

constexpr std::string_view kProvider = "registry.terraform.io/tenantry/qlik";

Array actions_of(Change const& change) {
  switch (change.action) {
    case Action::no_op:
    case Action::release:
      return {"no-op"};
    case Action::create:
    case Action::reactivate:
      return {"create"};
    case Action::update:
      return {"update"};
    case Action::replace:
      return {"delete", "create"};
    case Action::delete_:
    case Action::deactivate:
      return {"delete"};
    case Action::adopt:
      return {change.attributes.empty() ? "no-op" : "update"};
    case Action::forget:
      return {"forget"};
  }
  return {"no-op"};
}

/// Terraform's word for the reason; empty where it has none.
std::string_view action_reason_of(Change const& change) {
  if (change.action == Action::forget) return {};
  switch (change.reason) {
    case Reason::attribute_cannot_change:
      return "replace_because_cannot_update";
    case Reason::replace_requested:
      return "replace_by_request";
    case Reason::no_longer_declared:
    case Reason::tenant_removed:
      return "delete_because_no_resource_config";
    default:
      return {};
  }
}

bool leaves_nothing(Action action) {
  return action == Action::delete_ || action == Action::deactivate || action == Action::forget;
}

/// `value` without what is unknown: members are left out, elements are null.
Value known_part(Value const& value) {
  if (is_deferred(value)) return nullptr;
  if (auto const* array = value.if_array()) {
    Array out;
    for (auto const& element : *array) out.push_back(known_part(element));
    return out;
  }
  if (auto const* object = value.if_object()) {
    Object out;
    for (auto const& member : *object) {
      if (!is_deferred(member.value())) out[member.key()] = known_part(member.value());
    }
    return out;
  }
  return value;
}

/// `live` with the written members of `wanted` in place of its own, deeply.
Value overlaid(Value const& live, Value const& wanted) {
  auto const* written = wanted.if_object();
  if (written == nullptr || !live.is_object()) return wanted;
  Object out = live.get_object();
  for (auto const& member : *written) {
    auto const* own = find(out, member.key());
    out[member.key()] = own != nullptr ? overlaid(*own, member.value()) : member.value();
  }
  return out;
}

/// True at each deferred value for which `is` holds; members without one are left out, elements
/// without one are false.
template <class Is>
Value marks(Value const& value, Is is) {
  if (is_deferred(value)) return is(value);
  if (auto const* array = value.if_array(); array != nullptr && is(value)) {
    Array out;
    for (auto const& element : *array) out.push_back(marks(element, is));
    return out;
  }
  if (auto const* object = value.if_object(); object != nullptr && is(value)) {
    Object out;
    for (auto const& member : *object) {
      auto mark = marks(member.value(), is);
      if (mark != Value(false)) out[member.key()] = std::move(mark);
    }
    return out;
  }
  return false;
}

bool is_sensitive_row(Change const& change, std::string_view name) {
  auto const in = [&](auto const& rows) {
    return std::ranges::any_of(rows, [&](auto const& r) { return r.sensitive && r.name == name; });
  };
  return in(change.attributes) || in(change.released) || in(change.drift_only);
}

/// The two sides of a change as Terraform has them: whole objects.
struct Sides {
  Value before = nullptr;
  Value after = nullptr;
  Value after_unknown = Object{};
  Value before_sensitive = Object{};
  Value after_sensitive = Object{};
};

Object with_id(Object attributes, RemoteId const& id) {
  if (!id.empty() && !attributes.contains("id")) attributes["id"] = id.text();
  return attributes;
}

void add_wanted(Sides& sides, Change const& change, Object after) {
  auto& unknown = sides.after_unknown.get_object();
  auto& sensitive = sides.after_sensitive.get_object();
  for (auto const& member : change.after) {
    auto const name = std::string_view(member.key());
    if (is_sensitive_row(change, name) || is_sensitive(member.value())) {
      sensitive[name] = true;
      after[name] = nullptr;
    } else {
      if (is_unknown(member.value())) unknown[name] = marks(member.value(), is_unknown);
      auto const* live = find(after, name);
      auto known = known_part(member.value());
      if (is_deferred(member.value())) {
        after.erase(name);
      } else {
        after[name] = live != nullptr ? overlaid(*live, known) : std::move(known);
      }
    }
  }
  sides.after = std::move(after);
}

Sides sides_of(Change const& change) {
  Sides sides;
  bool const makes = change.action == Action::create || change.action == Action::replace;
  // Terraform's "create" has nothing before; a reactivated tenant is there, but out of use.
  bool const fresh = change.action == Action::create || change.action == Action::reactivate;
  if (!fresh) sides.before = with_id(change.before, change.id);
  if (leaves_nothing(change.action)) return sides;
  // A new object has nothing of the old one but what is written.
  add_wanted(sides, change, makes ? Object{} : with_id(change.before, change.id));
  if (makes) sides.after_unknown.get_object()["id"] = true;
  if (!fresh) sides.before_sensitive = sides.after_sensitive;
  return sides;
}

Object identity_of(Change const& change) {
  auto const& address = change.address;
  return Object{{"address", address.text()},
                {"mode", "managed"},
                {"type", change.type},
                {"name", address.is_tenant() ? address.tenant : address.key},
                {"provider_name", kProvider}};
}

Value guard_of(Change const& change) {
  if (!change.guard) return nullptr;
  return Object{{"rule", change.guard->rule},
                {"message", change.guard->message},
                {"hint", change.guard->hint},
                {"acknowledged", change.guard->acknowledged}};
}

Array rows_of(std::vector<AttributeChange> const& rows) {
  Array out;
  for (auto const& row : rows) {
    Object item{{"name", row.name}, {"sensitive", row.sensitive}};
    item["before"] = row.sensitive ? Value(nullptr) : known_part(row.before);
    item["last_applied"] = row.sensitive ? Value(nullptr) : known_part(row.last_applied);
    out.push_back(std::move(item));
  }
  return out;
}

Object own_part(Change const& change) {
  Array depends_on;
  for (auto const& address : change.depends_on) depends_on.emplace_back(address.text());
  return Object{{"action", name_of(change.action)},
                {"reason", name_of(change.reason)},
                {"reason_detail", change.reason_detail},
                {"name", change.name},
                {"id", change.id.text()},
                {"source", encode(change.where)},
                {"digest", digest_of(change)},
                {"guard", guard_of(change)},
                {"released", rows_of(change.released)},
                {"drift", rows_of(change.drift_only)},
                {"depends_on", std::move(depends_on)},
                {"updated_at", change.updated_at},
                {"updated_by", change.updated_by}};
}

Value planned_value(Change const& change) {
  auto sides = sides_of(change);
  auto out = identity_of(change);
  out["schema_version"] = 0;
  out["values"] = std::move(sides.after);
  out["sensitive_values"] = std::move(sides.after_sensitive);
  return out;
}

}  // namespace

Value resource_change(Change const& change) {
  auto sides = sides_of(change);
  Object inner{{"actions", actions_of(change)},
               {"before", std::move(sides.before)},
               {"after", std::move(sides.after)},
               {"after_unknown", std::move(sides.after_unknown)},
               {"before_sensitive", std::move(sides.before_sensitive)},
               {"after_sensitive", std::move(sides.after_sensitive)}};
  if (change.action == Action::adopt) inner["importing"] = Object{{"id", change.id.text()}};
  Array paths;
  for (auto const& attribute : change.attributes) {
    if (attribute.forces_replace) paths.push_back(Array{Value(attribute.name)});
  }
  if (!paths.empty()) inner["replace_paths"] = std::move(paths);
  auto out = identity_of(change);
  out["change"] = std::move(inner);
  auto const reason = action_reason_of(change);
  if (!reason.empty()) out["action_reason"] = reason;
  out["tenantry"] = own_part(change);
  return out;
}

Value resource_drift(Change const& change) {
  Object before = change.before;
  bool drifted = false;
  auto const note = [&](AttributeChange const& row) {
    if (row.sensitive) return;
    drifted = true;
    before[row.name] = known_part(row.last_applied);
  };
  for (auto const& row : change.attributes) {
    if (row.drifted) note(row);
  }
  for (auto const& row : change.drift_only) note(row);
  bool const gone = change.reason == Reason::gone;
  if (!drifted && !gone) return nullptr;
  if (gone) {
    for (auto const& row : change.attributes) {
      if (!row.sensitive) before[row.name] = known_part(row.last_applied);
    }
  }
  Object inner{{"actions", Array{gone ? "delete" : "update"}},
               {"before", with_id(std::move(before), change.id)},
               {"after", gone ? Value(nullptr) : Value(with_id(change.before, change.id))},
               {"after_unknown", Object{}},
               {"before_sensitive", Object{}},
               {"after_sensitive", Object{}}};
  auto out = identity_of(change);
  out["change"] = std::move(inner);
  return out;
}

std::string change_item(Change const& change) {
  return pretty(resource_change(change), kChangeDepth);
}

std::string planned_item(Change const& change) {
  if (leaves_nothing(change.action)) return {};
  return pretty(planned_value(change), kPlannedDepth);
}

}  // namespace tenantry::plans
