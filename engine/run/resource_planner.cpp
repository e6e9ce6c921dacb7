#include "engine/run/resource_planner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"
#include "engine/run/deposed_objects.hpp"
#include "engine/run/foreseen_refusals.hpp"
#include "engine/run/moves.hpp"
#include "engine/run/resolve.hpp"
#include "engine/run/secret_plan.hpp"

namespace tenantry::run {
namespace {

plans::DriftMode drift_mode(config::Policy const& policy, Address const& address,
                            std::string const& attribute) {
  auto mode = plans::DriftMode::revert;
  auto const resource = address.text();
  auto const whole = resource + '/' + attribute;
  for (auto const& rule : policy.drift) {
    if (!glob_matches(rule.pattern, resource) && !glob_matches(rule.pattern, whole)) continue;
    switch (rule.mode) {
      case config::DriftMode::revert:
        mode = plans::DriftMode::revert;
        break;
      case config::DriftMode::report:
        mode = plans::DriftMode::report;
        break;
      case config::DriftMode::ignore:
        mode = plans::DriftMode::ignore;
        break;
    }
  }
  return mode;
}

bool any_matches(std::vector<std::string> const& patterns, Address const& address) {
  return std::ranges::any_of(patterns, [&](auto const& p) { return selects(p, address); });
}

class ResourcePlanner {
 public:
  explicit ResourcePlanner(ResourcePlanInput const& input) : in_(input), names_(input.names) {
    if (in_.liveness != Liveness::listed) return;
    for (auto const& [address, record] : in_.state.resources) {
      owned_.insert(record.id);
      for (auto& id : deposed_of(record)) owned_.insert(std::move(id));
    }
  }

  ResourcePlan run() {
    std::vector<Address const*> addresses;
    if (!in_.options.destroy) {
      for (auto const& resource : in_.desired) addresses.push_back(&resource.address);
    }
    for (auto const& [address, record] : in_.state.resources) {
      if (!address.is_tenant() && desired(address) == nullptr) addresses.push_back(&address);
    }
    std::ranges::sort(addresses, {}, [](auto const* address) -> auto const& { return *address; });
    for (auto const* address : addresses) plan(*address);
    keep_what_is_needed();
    assign_again();
    return std::move(out_);
  }

 private:
  DesiredResource const* desired(Address const& address) const {
    if (in_.options.destroy) return nullptr;
    auto const found =
        std::ranges::lower_bound(in_.desired, address, {}, &DesiredResource::address);
    return found == in_.desired.end() || found->address != address ? nullptr : &*found;
  }

  void plan(Address const& address) {
    auto const* type = in_.context.provider.find(address.section);
    if (type == nullptr) {
      out_.errors.emplace_back(
          Errc::invalid,
          fmt::format("{} is in the state, but this version knows no {}", address.text(),
                      address.section),
          "use the version that wrote the state, or forget it: tenantry state rm " +
              address.text());
      return;
    }
    auto const* wanted = desired(address);
    auto const* prior = in_.state.find(address);
    auto input =
        diff_input(in_.context, in_.options, type->schema(), names_, address, in_.secret_salt);
    input.desired = wanted;
    input.prior = prior;
    input.refreshed = in_.liveness == Liveness::listed;
    input.on_change = [type](Attribute const& attribute, Object const& live) {
      return type->on_change(attribute, live);
    };
    if (prior != nullptr) {
      input.live = in_.live.find(address.section, prior->id);
      input.permanent =
          type->permanent(input.live != nullptr ? input.live->attributes : prior->applied);
    } else if (wanted != nullptr && input.refreshed && !find_unowned(*type, *wanted, input)) {
      return;
    }
    auto result = plans::diff(input);
    if (!result) return out_.errors.push_back(result.error());
    auto& change = result->change;
    if (change.action == plans::Action::delete_ && is_removed(in_.context.configuration, address)) {
      change.action = plans::Action::forget;
      change.reason_detail = kDeclaredRemoved;
    }
    keep(*type, wanted, std::move(*result));
  }

  /// Looks for a live object that the declared one would collide with. False after an error.
  bool find_unowned(ResourceType const& type, DesiredResource const& wanted,
                    plans::DiffInput& input) {
    auto const& schema = type.schema();
    auto const list = in_.live.lists.find(schema.section);
    if (list == in_.live.lists.end()) return true;
    auto const key =
        natural_key(schema, plans::comparable_desired(schema, wanted.attributes, names_));
    std::vector<RemoteObject const*> found;
    for (auto const& object : list->second) {
      if (owned_.contains(object.id)) continue;
      if (natural_key(schema, plans::comparable(schema, object.attributes, names_)) == key) {
        found.push_back(&object);
      }
    }
    if (found.empty()) return true;
    input.live = found.front();
    input.may_adopt = wanted.lifecycle.adopt || in_.options.adopt || in_.options.adopt_only;
    if (found.size() == 1) return true;
    std::vector<std::string> ids;
    for (auto const* object : found) ids.push_back(object->id.text());
    out_.errors.emplace_back(
        Errc::ambiguous,
        fmt::format("{}: {} live objects have the same name as {} \"{}\": {}", wanted.where.text(),
                    ids.size(), wanted.address.text(), visible(key), fmt::join(ids, ", ")),
        fmt::format("take over the one that is meant: tenantry import {} ID; or delete or rename "
                    "the others",
                    wanted.address.text()));
    return false;
  }

  void keep(ResourceType const& type, DesiredResource const* wanted, plans::DiffOutput output) {
    auto& change = output.change;
    check_allowed(type, wanted, change);
    note_consequence(type, change);
    finish_replacement(change);
    add_secret_steps(type, change);
    if (output.learned) out_.learned.push_back(std::move(*output.learned));
    out_.changes.push_back(std::move(change));
  }

  /// What stays live although it is forgotten still needs what it stands on (a DI project its
  /// space): that could not be deleted, so it is forgotten too.
  void keep_what_is_needed() {
    std::vector<std::pair<Address, Address>> kept;  // needed, by whom
    for (auto const& change : out_.changes) {
      bool const stays = change.action == plans::Action::forget && !change.before.empty();
      auto const* record = stays ? in_.state.find(change.address) : nullptr;
      if (record == nullptr) continue;
      for (auto const& needed : record->depends_on) kept.emplace_back(needed, change.address);
    }
    for (auto const& [needed, by] : kept) {
      auto const found = std::ranges::find(out_.changes, needed, &plans::Change::address);
      if (found == out_.changes.end() || found->action != plans::Action::delete_) continue;
      found->action = plans::Action::forget;
      found->destructive = false;
      found->notes.clear();
      found->reason_detail = fmt::format("{} stays and needs it, so it stays as it is", by.text());
    }
  }

  /// What refers to an object that is replaced loses it with the old one (a space the assignment of
  /// a group), and is given it again, although its own configuration stays as it was.
  void assign_again() {
    std::set<Address> replaced;
    for (auto const& change : out_.changes) {
      if (change.action == plans::Action::replace) replaced.insert(change.address);
    }
    if (replaced.empty()) return;
    for (auto& change : out_.changes) {
      auto const* wanted = desired(change.address);
      bool const stays =
          change.action == plans::Action::no_op || change.action == plans::Action::update;
      if (wanted != nullptr && stays) assign_again(*wanted, replaced, change);
    }
  }

  void assign_again(DesiredResource const& wanted, std::set<Address> const& replaced,
                    plans::Change& change) const {
    auto const& schema = in_.context.provider.find(change.address.section)->schema();
    for (auto const& attribute : schema.attributes) {
      std::optional<Address> lost;
      each_reference({attribute}, wanted.attributes,
                     [&](Attribute const& member, std::string const& key) {
                       Address needed{in_.state.key, member.refers_to, key};
                       if (replaced.contains(needed)) lost = std::move(needed);
                     });
      bool const is_planned =
          std::ranges::find(change.attributes, attribute.name, &plans::AttributeChange::name) !=
          change.attributes.end();
      if (!lost || is_planned) continue;
      plans::AttributeChange again;
      again.name = attribute.name;
      if (auto const* live = find(change.before, attribute.name)) again.before = *live;
      if (auto const* after = find(change.after, attribute.name)) again.after = *after;
      again.unordered = attribute.kind == Kind::set;
      again.where = wanted.origin('/' + attribute.name);
      change.attributes.push_back(std::move(again));
      change.notes.push_back(fmt::format("is given {} again, which is replaced", lost->text()));
      if (change.action == plans::Action::update) continue;
      change.action = plans::Action::update;
      change.reason = plans::Reason::config_changed;
      change.reason_detail = fmt::format("{} is replaced", lost->text());
    }
  }

  static void note_consequence(ResourceType const& type, plans::Change& change) {
    using plans::Action;
    bool const removes = change.action == Action::delete_ || change.action == Action::replace;
    bool const updates = change.action == Action::update || change.action == Action::adopt;
    if (!removes && !updates) return;
    // The new object takes over before the old one goes.
    if (change.action == Action::replace && type.creates_before_delete()) return;
    auto const consequence = type.consequence(change.before, removes ? nullptr : &change.after);
    if (!consequence) return;
    change.notes.push_back(consequence->text);
    change.destructive = consequence->destructive;
  }

  /// A replace that made the new object, but could not delete the old one.
  void finish_replacement(plans::Change& change) const {
    auto const* prior = in_.state.find(change.address);
    auto const ids = prior != nullptr ? deposed_of(*prior) : std::vector<RemoteId>();
    for (auto const& id : ids) {
      change.notes.push_back(fmt::format("deletes the object that it replaced, {}", id.text()));
    }
    if (ids.empty()) return;
    if (change.action == plans::Action::no_op) {
      change.action = plans::Action::update;
      change.reason = plans::Reason::attribute_cannot_change;
      change.reason_detail = "an interrupted replacement is finished";
    }
  }

  void add_secret_steps(ResourceType const& type, plans::Change& change) {
    auto const& rotate = in_.options.rotate;
    SecretPlanInput const input{.type = type,
                                .prior = in_.state.find(change.address),
                                .asked = any_matches(rotate, change.address),
                                .now = server_time()};
    auto planned = plan_secret(input, change);
    if (planned && secret_steps(change).rotate) {
      if (auto refused = check_secret_sink(type, change)) planned = std::move(*refused);
    }
    bool const named = std::ranges::find(rotate, change.address.text()) != rotate.end();
    if (planned && named && desired(change.address) != nullptr &&
        !type.creates_secret(change.after)) {
      planned = Error(Errc::invalid, "it has no secret to rotate", "leave it out of --rotate");
    }
    if (planned) return;
    auto error = planned.error();
    error.message =
        fmt::format("{}: {}: {}", change.where.text(), change.address.text(), error.message);
    out_.errors.push_back(std::move(error));
  }

  /// Ages count by the server's clock, which also says when secrets were made.
  WallTime server_time() const {
    auto const& self = in_.live.self;
    return self && self->server_time ? *self->server_time : in_.context.clock.wall();
  }

  /// What would be refused or would lose a secret is an error before anything is called.
  void check_allowed(ResourceType const& type, DesiredResource const* wanted,
                     plans::Change const& change) {
    using plans::Action;
    if (wanted == nullptr) return;
    std::optional<Error> refusal;
    if (change.action == Action::replace && type.creates_before_delete() &&
        natural_key(type.schema(), change.before) == natural_key(type.schema(), change.after)) {
      refusal =
          Error(Errc::invalid,
                fmt::format("a new {} is made before the old one goes, and two of the same {} "
                            "cannot be",
                            type.schema().singular, join_words(type.schema().natural_key)),
                "leave out --replace, or write another value");
    } else if (change.action == Action::create || change.action == Action::replace) {
      refusal = type.refuse_create(change.after, change.meta);
      if (!refusal) refusal = check_secret_sink(type, change);
    } else if (change.action == Action::update) {
      refusal = type.refuse_update(change.before, change.after, change.meta);
    }
    if (!refusal) refusal = check_references(type.schema(), *wanted);
    if (!refusal) return;
    refusal->message =
        fmt::format("{}: {}: {}", wanted->where.text(), wanted->address.text(), refusal->message);
    out_.errors.push_back(std::move(*refusal));
  }

  std::optional<Error> check_secret_sink(ResourceType const& type, plans::Change const& change) {
    auto const* sink = find(change.meta, "deliverSecret");
    if (sink == nullptr || !type.creates_secret(change.after) || is_unknown(*sink)) return {};
    auto checked = in_.context.sinks.check(*sink);
    if (!checked) return checked.error();
    return std::nullopt;
  }

  /// Names that are no key must be those of live objects, where these are listed.
  std::optional<Error> check_references(Schema const& schema, DesiredResource const& wanted) {
    if (in_.liveness != Liveness::listed) return std::nullopt;
    std::optional<Error> wrong;
    each_reference(schema.attributes, wanted.attributes,
                   [&](Attribute const& attribute, std::string const& text) {
                     bool const is_member = schema.find(attribute.name) != &attribute;
                     if (!wrong && !is_member) wrong = check_reference(attribute, text);
                   });
    for (auto const& attribute : schema.attributes) {
      auto const* value = tenantry::find(wanted.attributes, attribute.name);
      if (wrong || value == nullptr || !value->is_array()) continue;
      for (auto const& element : value->get_array()) {
        if (!wrong && element.is_object()) wrong = check_members(attribute, element.get_object());
      }
    }
    return wrong;
  }

  /// Members of elements are references where the element's `type` says so: an assignee is a user's
  /// id, or a group.
  std::optional<Error> check_members(Attribute const& list, Object const& element) {
    for (auto const& member : list.fields) {
      auto const* kind = in_.context.provider.find(member.refers_to);
      auto const text = text_at(element, member.name);
      if (kind == nullptr || text.empty() || text_at(element, "type") != kind->schema().singular) {
        continue;
      }
      if (auto wrong = check_reference(member, text)) return wrong;
    }
    return std::nullopt;
  }

  std::optional<Error> check_reference(Attribute const& attribute, std::string const& text) {
    auto const list = in_.live.lists.find(attribute.refers_to);
    if (list == in_.live.lists.end()) return std::nullopt;
    std::vector<std::string> known;
    for (auto const& object : list->second) known.push_back(text_at(object.attributes, "name"));
    for (auto const& resource : in_.desired) {
      if (resource.address.section != attribute.refers_to) continue;
      known.push_back(resource.address.key);
      known.push_back(text_at(resource.attributes, "name"));
    }
    auto const name = names_.of_written(attribute.refers_to, text);
    if (std::ranges::find(known, name) != known.end()) return std::nullopt;
    return Error(
        Errc::invalid,
        fmt::format("`{}` names \"{}\", which is neither a key under {} nor "
                    "the name or id of a live one{}",
                    attribute.name, visible(text), attribute.refers_to, did_you_mean(text, known)));
  }

  ResourcePlanInput const& in_;
  TenantReferences const& names_;
  std::set<RemoteId> owned_;  ///< where lists say what is live
  ResourcePlan out_;
};

}  // namespace

std::string secret_salt(state::StoreInfo const& info) {
  return keyed_digest_hex(info.salt, "digests of secrets");
}

plans::DiffInput diff_input(Context& context, PlanOptions const& options, Schema const& schema,
                            plans::ReferenceNames const& names, Address const& address,
                            std::string const& secret_salt) {
  plans::DiffInput input{.schema = schema, .names = names};
  input.replace = any_matches(options.replace, address);
  input.destroy = options.destroy;
  input.salt = secret_salt;
  auto const& variables = context.configuration.variables();
  input.reveal = [&variables](Value const& value) { return reveal_all(value, variables); };
  auto const& policy = context.configuration.policy();
  input.drift = [&policy, &address](std::string const& attribute) {
    return drift_mode(policy, address, attribute);
  };
  return input;
}

std::set<std::string> sections_to_list(Provider const& provider,
                                       std::vector<DesiredResource> const& desired,
                                       state::TenantState const& state) {
  std::set<std::string> sections;
  std::set<Address> declared;
  for (auto const& resource : desired) {
    sections.insert(resource.address.section);
    declared.insert(resource.address);
  }
  for (auto const& [address, record] : state.resources) {
    if (!address.is_tenant()) sections.insert(address.section);
  }
  sections.merge(holder_sections(provider, declared, state));
  for (auto const& resource : desired) {
    auto const* type = provider.find(resource.address.section);
    if (type == nullptr) continue;
    each_reference(type->schema().attributes, resource.attributes,
                   [&](Attribute const& attribute, std::string const& text) {
                     bool const is_own_key =
                         declared.contains({state.key, attribute.refers_to, text});
                     if (!is_own_key) sections.insert(attribute.refers_to);
                   });
  }
  return sections;
}

ResourcePlan plan_resources(ResourcePlanInput const& input) { return ResourcePlanner(input).run(); }

}  // namespace tenantry::run
