#include "plans/attribute_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "plans/comparison.hpp"

namespace tenantry::plans {
namespace {

Value value_or_null(Object const* object, std::string const& name) {
  auto const* value = object != nullptr ? find(*object, name) : nullptr;
  return value != nullptr ? *value : Value(nullptr);
}

/// A record's "salt:digest"; without a salt in it the run's own counts.
struct Mark {
  std::string salt;
  std::string digest;

  Mark(std::string_view text, std::string_view own_salt) : salt(own_salt), digest(text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return;
    salt = text.substr(0, colon);
    digest = text.substr(colon + 1);
  }
  bool is_of(Value const& revealed) const {
    return !digest.empty() && secret_mark(salt, revealed).ends_with(':' + digest);
  }
};

class AttributeDiff {
 public:
  explicit AttributeDiff(AttributeInput const& input) : in_(input) {
    if (in_.prior != nullptr) {
      out_.applied = in_.prior->applied;
      out_.observed = in_.prior->observed;
    }
  }

  Result<AttributeOutput> run() {
    for (auto const& attribute : in_.diff.schema.attributes) {
      if (attribute.use == Use::computed || attribute.use == Use::meta) continue;
      auto const* want = find(in_.desired, attribute.name);
      if (want == nullptr) {
        release(attribute);
      } else if (ignored(attribute)) {
        ignore(attribute);
      } else if (is_secret(attribute)) {
        auto compared = compare_secret(attribute, *want);
        if (!compared) return compared.error();
      } else if (is_part(attribute, *want)) {
        compare_part(attribute, *want);
      } else {
        compare(attribute, *want);
      }
    }
    return std::move(out_);
  }

 private:
  SourceRange where(std::string const& name) const {
    auto const* desired = in_.diff.desired;
    return desired != nullptr ? desired->origin('/' + name) : SourceRange{};
  }

  bool ignored(Attribute const& attribute) const {
    if (in_.fate != Fate::kept || in_.diff.desired == nullptr) return false;
    auto const& names = in_.diff.desired->lifecycle.ignore_changes;
    return std::ranges::find(names, attribute.name) != names.end();
  }

  Value applied(std::string const& name) const {
    auto const* record = in_.prior;
    auto const* attribute = in_.diff.schema.find(name);
    auto const value = value_or_null(record != nullptr ? &record->applied : nullptr, name);
    return attribute != nullptr ? normalised(*attribute, value) : value;
  }

  /// The server's own form of the applied value; null where it is the same.
  Value observed(Attribute const& attribute) const {
    auto const* record = in_.prior;
    return normalised(
        attribute, value_or_null(record != nullptr ? &record->observed : nullptr, attribute.name));
  }

  AttributeChange row(Attribute const& attribute) const {
    AttributeChange change;
    change.name = attribute.name;
    change.sensitive = is_secret(attribute);
    change.unordered = attribute.kind == Kind::set;
    change.where = where(attribute.name);
    return change;
  }

  void release(Attribute const& attribute) {
    auto const& name = attribute.name;
    out_.applied.erase(name);
    out_.observed.erase(name);
    auto const* prior = in_.prior;
    if (prior == nullptr || in_.fate != Fate::kept) return;
    bool const was_secret = prior->secrets.contains(name);
    if (!was_secret && !prior->applied.contains(name)) return;
    auto change = row(attribute);
    change.where = {};
    if (!change.sensitive) {
      change.last_applied = applied(name);
      change.before = last_seen(attribute);
    }
    out_.released.push_back(std::move(change));
  }

  /// The live value, or what state says of it.
  Value last_seen(Attribute const& attribute) const {
    if (attribute.write_only) return applied(attribute.name);  // no read tells it
    if (in_.live != nullptr) return value_or_null(in_.live, attribute.name);
    auto form = observed(attribute);
    return form.is_null() ? applied(attribute.name) : form;
  }

  void ignore(Attribute const& attribute) {
    if (is_secret(attribute)) return;
    if (attribute.write_only) {  // nothing live to go by: it is not sent
      out_.left_alone.push_back(attribute.name);
      return;
    }
    auto live = last_seen(attribute);
    if (!live.is_null()) out_.after[attribute.name] = std::move(live);
    out_.left_alone.push_back(attribute.name);
  }

  Result<void> compare_secret(Attribute const& attribute, Value const& want) {
    auto const& name = attribute.name;
    bool const deferred = is_sensitive(want) || is_unknown(want);
    // A deferred value holds variables' names only; a literal one must not get into a plan.
    out_.after[name] = is_deferred(want) ? want : withheld();
    Mark const known(in_.prior != nullptr ? text_at(in_.prior->secrets, name) : std::string(),
                     in_.diff.salt);
    bool same = !known.digest.empty();  // as far as can be told without revealing it
    if (!is_unknown(want) && (!deferred || in_.diff.reveal)) {
      auto revealed = deferred ? in_.diff.reveal(want) : Result<Value>(want);
      if (!revealed) return revealed.error();
      same = known.is_of(*revealed);
      if (!same || in_.fate != Fate::kept) {
        out_.secrets[name] = secret_mark(in_.diff.salt, *revealed);
      }
    } else if (is_unknown(want)) {
      same = false;
    }
    if (same && in_.fate != Fate::absent) return {};
    // Nothing tells what an adopted object has, and nothing could change it: it is taken as
    // written.
    bool const is_fixed = rule_of(attribute).on_change == OnChange::refuse;
    if (in_.fate == Fate::kept && known.digest.empty() && is_fixed) return {};
    auto change = row(attribute);
    change.config_changed = true;
    add(attribute, std::move(change));
    return {};
  }

  /// Wanted, applied and live are one and the same, which most attributes of most plans are:
  /// compare() would come to that too, by way of many copies.
  bool is_settled(Attribute const& attribute, Value const& want) const {
    if (in_.prior == nullptr || in_.fate != Fate::kept) return false;
    auto const* was = find(in_.prior->applied, attribute.name);
    if (was == nullptr || *was != want || in_.prior->observed.contains(attribute.name)) {
      return false;
    }
    if (in_.live == nullptr || attribute.write_only) return true;
    auto const* live = find(*in_.live, attribute.name);
    return live != nullptr && *live == want;
  }

  void compare(Attribute const& attribute, Value const& want) {
    auto const& name = attribute.name;
    out_.after[name] = want;
    if (is_settled(attribute, want)) return;
    auto change = row(attribute);
    change.last_applied = applied(name);
    change.before = in_.fate == Fate::absent ? Value(nullptr) : last_seen(attribute);
    change.after = want;
    bool const was_applied = in_.prior != nullptr && in_.prior->applied.contains(name);
    change.config_changed = !was_applied || !matches(attribute, want, change.last_applied) ||
                            !matches(attribute, change.last_applied, want);
    if (in_.fate == Fate::absent) {
      add(attribute, std::move(change));
    } else if (matches(attribute, want, change.before)) {
      same_as_live(attribute, change);
    } else {
      judge_difference(attribute, std::move(change), was_applied);
    }
  }

  /// A list of which only some elements are ours.
  void compare_part(Attribute const& attribute, Value const& want) {
    auto const& name = attribute.name;
    auto const& ours = *contained(want);
    auto const formerly = applied(name);
    auto live = in_.fate == Fate::absent ? Value(nullptr) : last_seen(attribute);
    if (auto const* part = contained(live)) live = *part;  // state stands for what is live
    auto change = row(attribute);
    change.last_applied = formerly;
    change.before = live;
    change.after =
        joined(attribute, ours, in_.fate == Fate::kept ? formerly : Value(nullptr), live);
    change.config_changed = !equal(want, formerly);
    out_.after[name] = change.after;
    out_.parts[name] = ours;
    if (in_.fate != Fate::absent && matches(attribute, change.after, live)) {
      if (in_.live == nullptr) return;
      out_.applied[name] = want;
      out_.observed.erase(name);
      return;
    }
    change.drifted = !change.config_changed;
    if (change.drifted && in_.fate == Fate::kept) {
      auto const mode = in_.diff.drift ? in_.diff.drift(name) : DriftMode::revert;
      if (mode != DriftMode::revert) return leave_alone(std::move(change), mode);
    }
    add(attribute, std::move(change));
  }

  void same_as_live(Attribute const& attribute, AttributeChange const& change) {
    release_members(change);
    if (in_.live == nullptr) return;  // state stood for it: nothing was learned
    out_.applied[change.name] = change.after;
    out_.observed.erase(attribute.name);
  }

  /// Members of an object that were written and no longer are.
  void release_members(AttributeChange const& change) {
    if (in_.fate != Fate::kept) return;
    auto const* was = change.last_applied.if_object();
    auto const* want = change.after.if_object();
    if (was == nullptr || want == nullptr) return;
    for (auto const& member : *was) {
      if (want->contains(member.key())) continue;
      AttributeChange released;
      released.name = fmt::format("{}.{}", change.name, std::string_view(member.key()));
      released.last_applied = member.value();
      auto const* live = change.before.if_object();
      released.before = value_or_null(live, std::string(member.key()));
      out_.released.push_back(std::move(released));
    }
  }

  void judge_difference(Attribute const& attribute, AttributeChange change, bool was_applied) {
    auto const form = observed(attribute);
    if (in_.live != nullptr && was_applied) {
      auto const& expected = form.is_null() ? change.last_applied : form;
      change.drifted = !matches(attribute, expected, change.before);
      if (change.drifted && form.is_null()) {
        // Nothing is known yet of the server's form: this is how it is learned.
        auto const part = written_part(change.last_applied, change.before);
        change.drifted = !same_but_for_form(change.last_applied, part);
        if (!change.drifted && !change.config_changed) {
          out_.observed[change.name] = part;
          return;
        }
      }
    }
    if (!change.config_changed && !change.drifted) return;  // the server's form of what is wanted
    if (!change.config_changed && in_.fate == Fate::kept) {
      auto const mode = in_.diff.drift ? in_.diff.drift(change.name) : DriftMode::revert;
      if (mode != DriftMode::revert) {
        leave_alone(std::move(change), mode);
        return;
      }
    }
    release_members(change);
    add(attribute, std::move(change));
  }

  void leave_alone(AttributeChange change, DriftMode mode) {
    out_.left_alone.push_back(change.name);
    if (change.before.is_null()) {
      out_.after.erase(change.name);
    } else {
      out_.after[change.name] = change.before;
    }
    if (mode == DriftMode::report) out_.drift_only.push_back(std::move(change));
  }

  /// The kind's word on this object, as it is live or as it was left, else the table's.
  ChangeRule rule_of(Attribute const& attribute) const {
    auto const* known = in_.live;
    if (known == nullptr && in_.prior != nullptr) known = &in_.prior->applied;
    if (in_.diff.on_change && known != nullptr) return in_.diff.on_change(attribute, *known);
    return {attribute.on_change, attribute.refusal};
  }

  void add(Attribute const& attribute, AttributeChange change) {
    auto const rule = rule_of(attribute);
    if (in_.fate != Fate::absent) {
      change.forces_replace = rule.on_change == OnChange::replace;
    }
    if (in_.fate == Fate::kept && rule.on_change == OnChange::refuse) {
      out_.refused.push_back({attribute.name, rule.reason});
    }
    out_.changed.push_back(std::move(change));
  }

  AttributeInput const& in_;
  AttributeOutput out_;
};

}  // namespace

Result<AttributeOutput> diff_attributes(AttributeInput const& input) {
  return AttributeDiff(input).run();
}

}  // namespace tenantry::plans
