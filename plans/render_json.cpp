#include <fmt/format.h>

#include <algorithm>

#include "engine/core/json_text.hpp"
#include "plans/plan_json.hpp"
#include "plans/render.hpp"
#include "plans/terraform_item.hpp"

namespace tenantry::plans {
namespace {

// Not Terraform, but tools that read its plans ask for the version that wrote them: 1.9 wrote the
// representation that is followed here. Our own version is under "tenantry".
constexpr std::string_view kTerraformVersion = "1.9.0";
constexpr std::string_view kFormatVersion = "1.2";
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

/// What moved outside of us; null where nothing did.
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

Value planned_value(Change const& change) {
  auto sides = sides_of(change);
  auto out = identity_of(change);
  out["schema_version"] = 0;
  out["values"] = std::move(sides.after);
  out["sensitive_values"] = std::move(sides.after_sensitive);
  return out;
}

Value own_tenant(TenantPlan const& tenant) {
  Value error = nullptr;
  if (tenant.error) {
    error = Object{{"code", name_of(tenant.error->code)},
                   {"message", describe(*tenant.error)},
                   {"hint", tenant.error->hint}};
  }
  Object own{{"key", tenant.key},
             {"region", tenant.region},
             {"hostname", tenant.hostname},
             {"id", tenant.id.text()},
             {"serial", tenant.serial},
             {"config_digest", tenant.config_digest},
             {"paused", tenant.paused},
             {"refreshed", tenant.refreshed},
             {"stopped_by_guard", tenant.stopped_by_guard()},
             {"cost", encode(tenant.cost)},
             {"error", std::move(error)}};
  if (!tenant.wave.empty()) own["wave"] = tenant.wave;
  return own;
}

Array waves_of(Plan const& plan) {
  auto const shares = wave_shares(plan);
  Array waves;
  for (auto const& wave : plan.waves) {
    auto const found = shares.find(wave.name);
    auto const share = found == shares.end() ? WaveShare{} : found->second;
    Object counts;
    for (auto const& [action, count] : share.counts) counts[name_of(action)] = count;
    waves.push_back(Object{{"name", wave.name},
                           {"tenants", wave.tenants},
                           {"failures_max", wave.failures_max},
                           {"planned_tenants", share.tenants},
                           {"tenants_with_changes", share.with_changes},
                           {"counts", std::move(counts)}});
  }
  return waves;
}

Array unmanaged_of(std::vector<UnmanagedTenant> const& tenants) {
  Array out;
  for (auto const& tenant : tenants) {
    out.push_back(Object{{"id", tenant.id.text()},
                         {"hostname", tenant.hostname},
                         {"name", tenant.name},
                         {"region", tenant.region},
                         {"status", tenant.status}});
  }
  return out;
}

Object own_plan(Plan const& plan) {
  Object counts;
  for (auto const& [action, count] : count_actions(plan)) counts[name_of(action)] = count;
  Cost total;
  Array tenants;
  for (auto const& tenant : plan.tenants) {
    total += tenant.cost;
    tenants.push_back(own_tenant(tenant));
  }
  Array warnings;
  for (auto const& item : plan.warnings.sorted()) {
    warnings.push_back(Object{{"source", encode(item.where)},
                              {"address", item.address},
                              {"summary", item.summary},
                              {"detail", item.detail},
                              {"hint", item.hint}});
  }
  Object own{{"version", plan.tool_version},   {"lineage", plan.lineage},
             {"destroy", plan.destroy},        {"refresh_only", plan.refresh_only},
             {"adopt_only", plan.adopt_only},  {"passed_over", plan.passed_over},
             {"summary", summary_line(plan)},  {"counts", std::move(counts)},
             {"cost", encode(total)},          {"tenants", std::move(tenants)},
             {"warnings", std::move(warnings)}};
  if (!plan.waves.empty()) own["waves"] = waves_of(plan);
  if (plan.shard) {
    own["shard"] = Object{{"index", plan.shard->index},
                          {"count", plan.shard->count},
                          {"fleet_size", plan.fleet_size}};
  }
  if (plan.unmanaged) own["unmanaged"] = unmanaged_of(*plan.unmanaged);
  return own;
}

}  // namespace

std::string change_item(Change const& change) {
  return pretty(resource_change(change), kChangeDepth);
}

std::string planned_item(Change const& change) {
  if (leaves_nothing(change.action)) return {};
  return pretty(planned_value(change), kPlannedDepth);
}

namespace {

/// Goes through all changes once for each list, so that none of the lists is ever in memory.
class TerraformDocument {
 public:
  TerraformDocument(Plan const& plan, UnchangedFile const* unchanged,
                    std::function<void(std::string_view)> const& write)
      : plan_(plan), unchanged_(unchanged), write_(write) {}

  Result<void> run() {
    write_("{");
    member("format_version", Value(kFormatVersion));
    member("terraform_version", Value(kTerraformVersion));
    next(1);
    write_("\"planned_values\": {\n    \"root_module\": {\n      \"resources\": ");
    auto written = list(
        kPlannedDepth, [](auto const&, Change const& c) { return planned_item(c); },
        &UnchangedFile::Entry::planned_value);
    if (!written) return written;
    write_("\n    }\n  }");
    next(1);
    write_("\"resource_drift\": ");
    written = list(
        kChangeDepth,
        [](auto const&, Change const& change) {
          auto const moved = resource_drift(change);
          return moved.is_null() ? std::string() : pretty(moved, kChangeDepth);
        },
        nullptr);
    if (!written) return written;
    next(1);
    write_("\"resource_changes\": ");
    written = list(
        kChangeDepth,
        [](TenantPlan const& tenant, Change const& change) { return with_move(tenant, change); },
        &UnchangedFile::Entry::change);
    if (!written) return written;
    bool const errored = plan_.has_errors();
    member("configuration", Object{{"root_module", Object{}}});
    member("timestamp", Value(plan_.created_at));
    member("applyable", Value(plan_.has_changes() && !errored));
    member("complete", Value(!errored));
    member("errored", Value(errored));
    member("tenantry", own_plan(plan_));
    write_("\n}\n");
    return {};
  }

 private:
  using Item = std::function<std::string(TenantPlan const&, Change const&)>;

  static std::string with_move(TenantPlan const& tenant, Change const& change) {
    for (auto const& move : tenant.moves) {
      if (move.to != change.address) continue;
      auto item = resource_change(change);
      item.get_object()["previous_address"] = move.from.text();
      return pretty(item, kChangeDepth);
    }
    return change_item(change);
  }

  void next(std::size_t depth) {
    write_(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    write_(std::string(depth * 2, ' '));
  }

  void member(std::string_view name, Value const& value) {
    next(1);
    write_(fmt::format("\"{}\": {}", name, pretty(value, 1)));
  }

  /// A list of what `item` and `kept` say of each change, in the order of addresses; what is empty
  /// is left out.
  Result<void> list(std::size_t depth, Item const& item, std::string UnchangedFile::Entry::* kept) {
    write_("[");
    is_first_ = true;
    auto const add = [&](std::string const& text) {
      if (text.empty()) return;
      next(depth);
      write_(text);
    };
    for (auto const& tenant : plan_.tenants) {
      std::vector<UnchangedFile::Entry> unlisted;
      if (unchanged_ != nullptr && kept != nullptr) {
        auto read = unchanged_->of(tenant.key);
        if (!read) return read.error();
        unlisted = std::move(*read);
      }
      auto entry = unlisted.begin();
      for (auto const& change : tenant.changes) {
        for (; entry != unlisted.end() && entry->address < change.address; ++entry) {
          add((*entry).*kept);
        }
        add(item(tenant, change));
      }
      for (; entry != unlisted.end(); ++entry) add((*entry).*kept);
    }
    if (!is_first_) write_("\n" + std::string((depth - 1) * 2, ' '));
    write_("]");
    is_first_ = false;
    return {};
  }

  Plan const& plan_;
  UnchangedFile const* unchanged_;
  std::function<void(std::string_view)> const& write_;
  bool is_first_ = true;  ///< of the object or list that is being written
};

}  // namespace

Result<void> write_terraform_json(Plan const& plan, UnchangedFile const* unchanged,
                                  std::function<void(std::string_view)> const& write) {
  return TerraformDocument(plan, unchanged, write).run();
}

std::string to_terraform_json(Plan const& plan) {
  std::string out;
  auto const written =
      write_terraform_json(plan, nullptr, [&](std::string_view text) { out += text; });
  ensure(written.has_value(), "only a file can fail");
  return out;
}

}  // namespace tenantry::plans
