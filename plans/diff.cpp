#include "plans/diff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "plans/attribute_diff.hpp"
#include "plans/comparison.hpp"

namespace tenantry::plans {
namespace {

/// Of `attributes` only what may be kept and shown.
Object without_secrets(Schema const& schema, Object const& attributes) {
  Object out;
  for (auto const& member : attributes) {
    auto const* attribute = schema.find(member.key());
    if (attribute == nullptr || !is_secret(*attribute)) out[member.key()] = member.value();
  }
  return out;
}

/// What state says that is live: applied attributes in the server's form.
Object remembered(state::ResourceRecord const& prior) {
  Object out = prior.applied;
  for (auto const& member : prior.observed) out[member.key()] = member.value();
  return out;
}

class ResourceDiff {
 public:
  explicit ResourceDiff(DiffInput const& input)
      : in_(input), is_tenant_(input.schema.section.empty()) {
    ensure(in_.desired != nullptr || in_.prior != nullptr,
           "a diff has two sides at most one empty");
    if (in_.live != nullptr) live_ = comparable(in_.schema, in_.live->attributes, in_.names);
    if (in_.desired != nullptr) {
      desired_ = comparable_desired(in_.schema, in_.desired->attributes, in_.names);
    }
    describe_resource();
  }

  Result<DiffOutput> run() {
    if (in_.desired == nullptr || (in_.destroy && !is_tenant_)) return removal();
    if (is_live_of_another()) return adoption();
    if (in_.prior == nullptr) {
      if (in_.live != nullptr && in_.refreshed) return adoption();
      return creation(Reason::not_in_state);
    }
    if (in_.refreshed && in_.live == nullptr) return creation(Reason::gone);
    return owned();
  }

 private:
  /// Everything but action, reason and attributes.
  void describe_resource() {
    auto& change = out_.change;
    auto const* prior = in_.prior;
    change.type = in_.schema.type();
    if (in_.desired != nullptr) {
      change.address = in_.desired->address;
      change.meta = in_.desired->meta;
      change.depends_on = in_.desired->depends_on;
      change.where = in_.desired->where;
      change.prevent_destroy = in_.desired->lifecycle.prevent_destroy;
    } else {
      change.address = prior->address;
      change.depends_on = prior->depends_on;
      change.prevent_destroy = prior->prevent_destroy;
    }
    if (prior != nullptr) change.id = prior->id;
    if (in_.live != nullptr) {
      change.id = in_.live->id;
      change.updated_at = in_.live->updated_at;
      change.updated_by = in_.live->updated_by;
      change.before = without_secrets(in_.schema, live_);
    } else if (prior != nullptr && !in_.refreshed) {
      change.before = without_secrets(in_.schema, remembered(*prior));
    }
    change.name = text_at(best_known(), "name");
    if (change.name.empty()) change.name = natural_key(in_.schema, best_known());
  }

  Object const& best_known() const {
    if (in_.desired != nullptr) return desired_;
    if (in_.live != nullptr) return live_;
    return in_.prior->applied;
  }

  /// A live object that was made by somebody else after ours was gone.
  bool is_live_of_another() const {
    return in_.prior != nullptr && in_.live != nullptr && !in_.prior->id.empty() &&
           in_.prior->id != in_.live->id;
  }

  Result<DiffOutput> removal() {
    auto& change = out_.change;
    auto const* prior = in_.prior;
    if (prior == nullptr || is_tenant_) return std::move(out_);  // nothing of ours to remove
    change.reason = in_.destroy ? Reason::destroy_requested : Reason::no_longer_declared;
    change.depends_on = prior->depends_on;
    change.after.clear();
    bool const gone = in_.refreshed && (in_.live == nullptr || is_live_of_another());
    if (gone) {
      change.action = Action::forget;
      change.id = prior->id;
      change.before.clear();
      return std::move(out_);
    }
    if (in_.live != nullptr && in_.live->built_in) return belongs_to_platform();
    if (in_.permanent) {
      change.action = Action::forget;
      change.reason_detail = fmt::format("{}, so it stays as it is", *in_.permanent);
      return std::move(out_);
    }
    change.action = Action::delete_;
    return std::move(out_);
  }

  Result<DiffOutput> creation(Reason reason) {
    auto& change = out_.change;
    change.id = {};
    change.before.clear();
    auto compared = diff_attributes(attributes(in_.prior, Fate::absent));
    if (!compared) return compared.error();
    change.action = Action::create;
    change.reason = reason;
    take(std::move(*compared));
    return std::move(out_);
  }

  Result<DiffOutput> adoption() {
    if (in_.live->built_in) return belongs_to_platform();
    bool const allowed = in_.may_adopt || in_.desired->lifecycle.adopt || in_.live->preset;
    if (!allowed) return not_ours();
    auto compared = diff_attributes(attributes(nullptr, Fate::kept));
    if (!compared) return compared.error();
    auto refused = check_refused(*compared);
    if (!refused) return refused.error();
    for (auto const& attribute : compared->changed) {
      if (attribute.forces_replace) return cannot_adopt(attribute);
    }
    out_.change.action = Action::adopt;
    out_.change.reason = Reason::adoption;
    take(std::move(*compared));
    return std::move(out_);
  }

  Result<DiffOutput> owned() {
    auto compared = diff_attributes(attributes(in_.prior, Fate::kept));
    if (!compared) return compared.error();
    auto const forcing = std::ranges::find_if(compared->changed, &AttributeChange::forces_replace);
    bool const forced = forcing != compared->changed.end();
    if (forced || (in_.replace && !is_tenant_)) {
      auto const detail = forced ? fmt::format("`{}` cannot change", forcing->name) : "";
      return replacement(forced ? Reason::attribute_cannot_change : Reason::replace_requested,
                         detail);
    }
    auto refused = check_refused(*compared);
    if (!refused) return refused.error();
    if (in_.live != nullptr && in_.live->built_in && !compared->changed.empty()) {
      return belongs_to_platform();
    }
    learn(*compared);
    settle(*compared);
    take(std::move(*compared));
    return std::move(out_);
  }

  Result<DiffOutput> replacement(Reason reason, std::string detail) {
    if (in_.live != nullptr && in_.live->built_in) return belongs_to_platform();
    if (in_.permanent) return cannot_replace(detail);
    auto compared = diff_attributes(attributes(in_.prior, Fate::replaced));
    if (!compared) return compared.error();
    out_.change.action = Action::replace;
    out_.change.reason = reason;
    out_.change.reason_detail = std::move(detail);
    take(std::move(*compared));
    return std::move(out_);
  }

  /// Action and reason of an owned object that stays.
  void settle(AttributeOutput const& compared) {
    auto& change = out_.change;
    auto const& changed = compared.changed;
    bool const config = std::ranges::any_of(changed, &AttributeChange::config_changed);
    bool const drift = std::ranges::any_of(changed, &AttributeChange::drifted);
    if (!changed.empty()) {
      change.action = Action::update;
      change.reason = config && drift ? Reason::config_and_drift
                      : config        ? Reason::config_changed
                                      : Reason::drifted;
    } else if (!compared.released.empty()) {
      change.action = Action::release;
      change.reason = Reason::attributes_released;
    }
  }

  /// The row as it would be without any call, where that is not the row as it is.
  void learn(AttributeOutput const& compared) {
    auto const& prior = *in_.prior;
    bool const settled = compared.changed.empty() && compared.released.empty() &&
                         prior.prevent_destroy == in_.desired->lifecycle.prevent_destroy &&
                         prior.depends_on == in_.desired->depends_on &&
                         compared.applied == prior.applied && compared.observed == prior.observed;
    if (settled) return;  // most resources: without a copy of the row
    auto row = prior;
    row.prevent_destroy = in_.desired->lifecycle.prevent_destroy;
    // Until the object is changed it depends on what it did, so that this is not deleted before.
    if (compared.changed.empty()) row.depends_on = in_.desired->depends_on;
    row.applied = compared.applied;
    row.observed = compared.observed;
    // A released attribute leaves the row by its own action, which people see.
    for (auto const& released : compared.released) {
      auto const name = released.name.substr(0, released.name.find('.'));
      for (auto member : {&state::ResourceRecord::applied, &state::ResourceRecord::observed}) {
        auto const* was = find((*in_.prior).*member, name);
        if (was != nullptr) (row.*member)[name] = *was;
      }
    }
    if (row.prevent_destroy != in_.prior->prevent_destroy ||
        row.depends_on != in_.prior->depends_on || !equal(row.applied, in_.prior->applied) ||
        !equal(row.observed, in_.prior->observed)) {
      out_.learned = std::move(row);
    }
  }

  AttributeInput attributes(state::ResourceRecord const* prior, Fate fate) const {
    auto const* live = fate != Fate::absent && in_.live != nullptr ? &live_ : nullptr;
    return {.diff = in_, .desired = desired_, .live = live, .prior = prior, .fate = fate};
  }

  void take(AttributeOutput compared) {
    auto& change = out_.change;
    change.attributes = std::move(compared.changed);
    change.released = std::move(compared.released);
    change.drift_only = std::move(compared.drift_only);
    change.left_alone = std::move(compared.left_alone);
    change.parts = std::move(compared.parts);
    change.after = std::move(compared.after);
    change.secrets = std::move(compared.secrets);
  }

  std::string place_of(std::string const& attribute) const {
    auto const& where = in_.desired->origin('/' + attribute);
    return where.known() ? where.text() + ": " : std::string();
  }

  Result<void> check_refused(AttributeOutput const& compared) const {
    if (compared.refused.empty()) return {};
    auto const& [name, reason] = compared.refused.front();
    auto const found =
        std::ranges::find(compared.changed, compared.refused.front().name, &AttributeChange::name);
    auto const values =
        found->sensitive || is_sensitive(found->after)
            ? std::string()
            : fmt::format(" (live {}, wanted {})", visible(canonical(found->before)),
                          is_deferred(found->after) ? describe_deferred(found->after)
                                                    : visible(canonical(found->after)));
    return Error(Errc::invalid,
                 fmt::format("{}`{}` of {} cannot change{}: {}", place_of(name), name,
                             out_.change.address.text(), values, reason),
                 "write the live value, or leave the attribute out");
  }

  Error not_ours() const {
    auto const& change = out_.change;
    return {Errc::conflict,
            fmt::format("{}: {} \"{}\" exists already (id {}) and is not managed here",
                        change.address.text(), with_article(in_.schema.singular),
                        visible(change.name), visible(in_.live->id.text())),
            "take it over by `lifecycle: {adopt: true}` or --adopt, or choose another name"};
  }

  Error belongs_to_platform() const {
    auto const& change = out_.change;
    bool const owned = in_.prior != nullptr && !is_live_of_another();
    return {Errc::conflict,
            fmt::format("{}: the {} \"{}\" (id {}) belongs to the platform and can be neither "
                        "adopted, changed nor deleted",
                        change.address.text(), in_.schema.singular, visible(change.name),
                        visible(in_.live->id.text())),
            owned ? fmt::format("let go of it by `tenantry state rm {}`", change.address.text())
                  : "choose another name; references may name it as it is"};
  }

  Error cannot_replace(std::string const& detail) const {
    return {Errc::invalid,
            fmt::format("{} cannot be replaced{}: {}", out_.change.address.text(),
                        detail.empty() ? "" : fmt::format(", although {}", detail), *in_.permanent),
            "write the live value, or declare another object under another key"};
  }

  Error cannot_adopt(AttributeChange const& attribute) const {
    return {Errc::conflict,
            fmt::format("{}{} cannot be adopted: its `{}` is {}, not as wanted, and cannot change",
                        place_of(attribute.name), out_.change.address.text(), attribute.name,
                        attribute.sensitive ? "secret" : visible(canonical(attribute.before))),
            "write the live value; after the adoption, a changed value replaces the object"};
  }

  DiffInput const& in_;
  bool is_tenant_;
  Object live_;
  Object desired_;
  DiffOutput out_;
};

}  // namespace

Result<DiffOutput> diff(DiffInput const& input) { return ResourceDiff(input).run(); }

}  // namespace tenantry::plans
