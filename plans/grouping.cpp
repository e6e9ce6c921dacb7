#include "plans/grouping.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "engine/core/digest.hpp"

namespace tenantry::plans {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `text` with whole words `word` replaced: "acme-analysts" has the word "acme", "acmes" has not.
std::string replaced(std::string_view text, std::string_view word, std::string_view by) {
  std::string out;
  while (!word.empty()) {
    auto const at = text.find(word);
    if (at == std::string_view::npos) break;
    bool const starts = at == 0 ? out.empty() || !is_word(out.back()) : !is_word(text[at - 1]);
    bool const ends = at + word.size() == text.size() || !is_word(text[at + word.size()]);
    out += text.substr(0, at);
    out += starts && ends ? by : word;
    text.remove_prefix(at + word.size());
  }
  out += text;
  return out;
}

/// Rewrites what is one tenant's own into placeholders.
class Generic {
 public:
  explicit Generic(TenantPlan const& tenant) : tenant_(tenant) {}

  std::string text(std::string_view own) const {
    auto const hosts = replaced(own, tenant_.hostname, "${tenant.hostname}");
    return replaced(hosts, tenant_.key, "${tenant.key}");
  }

  Value value(Value const& own) const {
    if (auto const* string = own.if_string()) return Value(text(*string));
    if (auto const* array = own.if_array()) {
      Array out;
      for (auto const& element : *array) out.push_back(value(element));
      return out;
    }
    if (auto const* object = own.if_object()) {
      Object out;
      for (auto const& member : *object) out[member.key()] = value(member.value());
      return out;
    }
    return own;
  }

  Change change(Change const& own) const {
    Change out;
    out.address = {"*", own.address.section, own.address.key};
    out.action = own.action;
    out.reason = own.reason;
    out.reason_detail = text(own.reason_detail);
    out.name = text(own.name);
    out.where = own.where;
    out.attributes = attributes(own.attributes);
    out.released = attributes(own.released);
    out.drift_only = attributes(own.drift_only);
    out.destructive = own.destructive;
    for (auto const& note : own.notes) out.notes.push_back(text(note));
    out.guard = own.guard;
    if (out.guard) {
      out.guard->message = text(own.guard->message);
      out.guard->hint.clear();  // it holds the change's own digest
    }
    return out;
  }

 private:
  std::vector<AttributeChange> attributes(std::vector<AttributeChange> const& own) const {
    auto out = own;
    for (auto& change : out) {
      change.before = value(change.before);
      change.after = value(change.after);
      change.last_applied = value(change.last_applied);
      change.where = {};
    }
    return out;
  }

  TenantPlan const& tenant_;
};

Value shape_of(std::vector<AttributeChange> const& attributes) {
  Array out;
  for (auto const& a : attributes) {
    out.push_back(Array{Value(a.name), a.before, a.after, a.last_applied, Value(a.drifted),
                        Value(a.forces_replace), Value(a.sensitive)});
  }
  return out;
}

std::vector<SourceRange> places_of(TenantPlan const& tenant) {
  std::vector<SourceRange> places;
  for (auto const& change : tenant.changes) {
    if (is_shown(change)) places.push_back(change.where);
  }
  return places;
}

/// Finds groups while the plan is read once: of a tenant only its index stays.
class Grouping {
 public:
  explicit Grouping(Plan const& plan) : plan_(plan) {}

  Result<void> run() {
    for (std::size_t i = 0; i < plan_.tenants.size(); ++i) {
      if (plan_.tenants[i].error || !plan_.tenants[i].shown) continue;
      auto const tenant = plan_.tenants.read(i);
      if (!tenant) return tenant.error();
      auto const added = add(i, *tenant);
      if (!added) return added;
    }
    return {};
  }

  std::vector<TenantGroup> take() { return std::move(groups_); }

 private:
  Result<void> add(std::size_t index, TenantPlan const& tenant) {
    auto const shape = shape_of(tenant, generic_changes(tenant));
    auto const [at, is_new] = by_shape_.try_emplace(shape, groups_.size());
    if (is_new) groups_.emplace_back();
    auto& group = groups_[at->second];
    if (group.tenants.size() == 1) {
      auto const first = plan_.tenants.read(group.tenants.front());
      if (!first) return first.error();
      group.places = places_of(*first);
    }
    group.tenants.push_back(index);
    if (group.tenants.size() > 1) keep_common(group.places, places_of(tenant));
    return {};
  }

  /// A place is shown only where it is everybody's.
  static void keep_common(std::vector<SourceRange>& places, std::vector<SourceRange> const& own) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] != own[i]) places[i] = {};
    }
  }

  Plan const& plan_;
  std::map<Shape, std::size_t> by_shape_;
  std::vector<TenantGroup> groups_;
};

}  // namespace

Shape shape_of(TenantPlan const& tenant, std::vector<Change> const& changes) {
  Array out{Value(tenant.refreshed)};
  for (auto const& change : changes) {
    Value guard = nullptr;
    if (change.guard) {
      guard = Array{Value(change.guard->rule), Value(change.guard->message),
                    Value(change.guard->acknowledged)};
    }
    Array notes;
    for (auto const& note : change.notes) notes.emplace_back(note);
    out.push_back(Array{Value(change.address.text()), Value(name_of(change.action)),
                        Value(name_of(change.reason)), Value(change.reason_detail),
                        Value(change.name), shape_of(change.attributes), shape_of(change.released),
                        shape_of(change.drift_only), guard, notes});
  }
  Shape shape;
  std::ranges::copy_n(sha256_hex(canonical(out)).begin(), shape.size(), shape.begin());
  return shape;
}

std::vector<Change> generic_changes(TenantPlan const& tenant) {
  Generic const generic(tenant);
  std::vector<Change> out;
  for (auto const& change : tenant.changes) {
    if (is_shown(change)) out.push_back(generic.change(change));
  }
  return out;
}

std::string generic_text(TenantPlan const& tenant, std::string_view text) {
  return Generic(tenant).text(text);
}

std::vector<Change> common_changes(TenantPlan const& tenant, TenantGroup const& group) {
  auto changes = generic_changes(tenant);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].where = group.places[i];
  return changes;
}

Result<std::vector<TenantGroup>> group_tenants(Plan const& plan, std::size_t groups_of) {
  Grouping grouping(plan);
  auto const read = grouping.run();
  if (!read) return read.error();
  std::vector<TenantGroup> out;
  for (auto& group : grouping.take()) {
    if (group.tenants.size() >= std::max<std::size_t>(groups_of, 2)) {
      out.push_back(std::move(group));
    } else {
      for (auto const index : group.tenants) out.push_back({{index}});
    }
  }
  std::ranges::stable_sort(out, {}, [](auto const& group) { return group.tenants.size(); });
  return out;
}

}  // namespace tenantry::plans
