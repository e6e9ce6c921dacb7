#include "engine/run/foreseen_refusals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/secret_plan.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

/// True where a live reference {"id", "name"}, or one of a list, is to `id`.
bool refers_to(Value const& live, RemoteId const& id) {
  if (auto const* object = live.if_object()) return text_at(*object, "id") == id.text();
  auto const* list = live.if_array();
  return list != nullptr &&
         std::ranges::any_of(*list, [&](Value const& item) { return refers_to(item, id); });
}

class Refusals {
 public:
  Refusals(LiveView const& view, std::vector<Change> const& changes)
      : view_(view), changes_(changes) {
    for (auto const& [address, row] : view.state.resources) {
      if (!address.is_tenant()) owners_.emplace(std::pair(address.section, row.id), address);
    }
  }

  std::vector<Error> find() const {
    std::vector<Error> errors;
    for (auto const& change : changes_) {
      auto const* type = view_.provider.find(change.address.section);
      if (type == nullptr || change.id.empty()) continue;
      auto refusal = lock_out(*type, change);
      if (!refusal && change.action == Action::delete_) refusal = held(*type, change);
      if (refusal) errors.push_back(std::move(*refusal));
    }
    return errors;
  }

 private:
  std::optional<Error> lock_out(ResourceType const& type, Change const& change) const {
    bool const removes = change.action == Action::delete_ || change.action == Action::replace;
    bool const updates = change.action == Action::update || change.action == Action::adopt;
    if (!removes && !updates) return std::nullopt;
    Object changed;
    for (auto const& attribute : change.attributes) changed[attribute.name] = attribute.after;
    auto refusal = type.locks_out(view_.session, change.id, removes ? nullptr : &changed);
    bool const retires = !secret_steps(change).retire.empty();
    if (!refusal && retires && view_.session.signs_in_as(change.id.text())) {
      refusal = Error(Errc::guard,
                      "this is the OAuth client that the run itself signs in with, and without its "
                      "old secret it could perhaps not sign in again",
                      "use another client for this tenant first");
    }
    if (refusal) refusal->message = fmt::format("{}: {}", change.address.text(), refusal->message);
    return refusal;
  }

  std::optional<Error> held(ResourceType const& type, Change const& change) const {
    for (auto const& section : type.holders()) {
      auto const list = view_.live.lists.find(section);
      auto const* holder_type = view_.provider.find(section);
      if (list == view_.live.lists.end() || holder_type == nullptr) continue;
      for (auto const& object : list->second) {
        auto const* attribute = holding(holder_type->schema(), object, change);
        if (attribute == nullptr || lets_go(object, section, *attribute, change)) continue;
        return refusal(change, *holder_type, object);
      }
    }
    return std::nullopt;
  }

  /// The attribute in which `object` refers to what `change` deletes.
  static Attribute const* holding(Schema const& schema, RemoteObject const& object,
                                  Change const& change) {
    for (auto const& attribute : schema.attributes) {
      if (attribute.refers_to != change.address.section) continue;
      auto const* value = tenantry::find(object.attributes, attribute.name);
      if (value != nullptr && refers_to(*value, change.id)) return &attribute;
    }
    return nullptr;
  }

  /// Whether the plan takes the reference away, or the object that has it.
  bool lets_go(RemoteObject const& object, std::string const& section, Attribute const& attribute,
               Change const& deleted) const {
    auto const owner = owners_.find({section, object.id});
    if (owner == owners_.end()) return false;
    auto const found = std::ranges::find(changes_, owner->second, &Change::address);
    if (found == changes_.end()) return false;
    if (found->action == Action::delete_ || found->action == Action::replace) return true;
    bool const is_changed =
        std::ranges::find(found->attributes, attribute.name, &plans::AttributeChange::name) !=
        found->attributes.end();
    if (!is_changed) return false;
    auto const& kind = deleted.address.section;
    auto const* live = view_.live.find(kind, deleted.id);
    auto const name = view_.names.of_live(kind, deleted.id.text(),
                                          live != nullptr ? text_at(live->attributes, "name") : "");
    bool stays = false;
    each_reference({attribute}, found->after,
                   [&](Attribute const& member, std::string const& text) {
                     stays = stays || view_.names.of_written(member.refers_to, text) == name;
                   });
    return !stays;
  }

  Error refusal(Change const& change, ResourceType const& holder_type,
                RemoteObject const& object) const {
    auto const owner = owners_.find({holder_type.schema().section, object.id});
    auto const by = owner != owners_.end()
                        ? owner->second.text()
                        : fmt::format("the {} \"{}\", which is not managed here,",
                                      holder_type.schema().singular,
                                      visible(text_at(object.attributes, "name")));
    auto const renamed = renamed_to(change);
    auto hint =
        renamed.empty()
            ? fmt::format(
                  "take the reference away first; or keep it by --exclude {}, or let it go by "
                  "`removed`",
                  change.address.text())
            : fmt::format("it seems to be {} by another key: `moved: [{{from: {}, to: {}}}]`",
                          renamed, change.address.text(), renamed);
    return Error(
        Errc::conflict,
        fmt::format("{} cannot be deleted while {} refers to it", change.address.text(), by),
        std::move(hint));
  }

  /// What is created under the name of the object that `change` deletes.
  std::string renamed_to(Change const& change) const {
    auto const& schema = view_.provider.find(change.address.section)->schema();
    auto const key = natural_key(schema, change.before);
    for (auto const& other : changes_) {
      bool const is_twin = other.action == Action::create &&
                           other.address.section == change.address.section &&
                           natural_key(schema, other.after) == key;
      if (is_twin) return other.address.text();
    }
    return {};
  }

  LiveView const& view_;
  std::vector<Change> const& changes_;
  std::map<std::pair<std::string, RemoteId>, Address> owners_;
};

}  // namespace

std::vector<Error> foreseen_refusals(LiveView const& view, std::vector<Change> const& changes) {
  return Refusals(view, changes).find();
}

std::set<std::string> holder_sections(Provider const& provider, std::set<Address> const& declared,
                                      state::TenantState const& state) {
  std::set<std::string> sections;
  for (auto const& [address, row] : state.resources) {
    if (address.is_tenant() || declared.contains(address)) continue;
    auto const* type = provider.find(address.section);
    if (type == nullptr) continue;
    for (auto& section : type->holders()) sections.insert(std::move(section));
  }
  return sections;
}

}  // namespace tenantry::run
