// groups: /api/v1/groups, and the system group Everyone, which /api/v1/groups/settings holds.
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

/// The one system group. Its id and name are the same in every tenant (GroupSettings), so it is
/// known without a call: the list of groups leaves system groups out, and asking each tenant of a
/// fleet for them would cost as many calls again. Its roles are read by detail(), where a plan is
/// about it.
constexpr std::string_view kEveryone = "com.qlik.Everyone";
constexpr std::string_view kEveryoneId = "000000000000000000000001";
constexpr std::string_view kSettings = "/api/v1/groups/settings";

/// By what is written or live: a group of the identity provider has a providerType, a system group
/// has none.
bool is_everyone(Object const& group) {
  return text_at(group, "name") == kEveryone && !group.contains("providerType");
}

void check_group(Object const& written, ReportProblem const& report) {
  if (text_at(written, "name") != kEveryone) return;
  for (auto const* name : {"description", "providerType"}) {
    if (!written.contains(name)) continue;
    report(
        {std::string("/") + name, "attribute does not fit the group",
         fmt::format("{} is the system group of all users, which has no \"{}\".", kEveryone, name),
         "remove it"});
  }
}

Schema const& group_schema() {
  static Schema const schema{
      .section = "groups",
      .singular = "group",
      .doc =
          "A group and the roles that it gives its members. Members come from the identity "
          "provider (`idp`) or are assigned in Qlik Cloud (`custom`). A custom group can be "
          "deleted only when it has no members. The group `com.qlik.Everyone` is part of every "
          "tenant and holds all users: a group of that name takes it over for its assignedRoles, "
          "and forgets it when it is no longer declared.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Unique among the groups of the same providerType; upper and lower case "
                      "differ. For an `idp` group, the name that the identity provider sends.",
               .length_min = 1,
               .length_max = 256},
              {.name = "description",
               .doc = "What the group is for. That of an `idp` group can be written once, when "
                      "the group is created."},
              {.name = "providerType",
               .on_change = OnChange::replace,
               .doc = "Where members come from: `idp`, the identity provider at each login, or "
                      "`custom`, assigned in Qlik Cloud.",
               .one_of = {"idp", "custom"},
               .server_default = "idp"},
              {.name = "assignedRoles",
               .kind = Kind::set,
               .doc = "Roles of the members: keys of `roles` of this tenant, or names or ids of "
                      "roles that exist, such as AnalyticsAdmin.",
               .items_max = 100,
               .refers_to = "roles"},
          },
      .natural_key = {"providerType", "name"},
      .check = check_group,
  };
  return schema;
}

enum class RoleForm { names_if_possible, ids };  // a system group takes ids only

/// The roles as a request takes them: all by name or all by id, never mixed.
Result<Array> role_references(References const& references, Value const& planned, RoleForm form) {
  std::vector<std::string> roles;
  if (auto const* list = planned.if_array()) {
    for (auto const& role : *list) {
      ensure(role.is_string(), "a planned reference is a text");
      roles.emplace_back(std::string_view(role.get_string()));
    }
  }
  std::ranges::sort(roles);
  auto const equal_ones = std::ranges::unique(roles);
  roles.erase(equal_ones.begin(), equal_ones.end());
  bool const by_name =
      form == RoleForm::names_if_possible && std::ranges::none_of(roles, is_object_id);
  Array out;
  for (auto const& role : roles) {
    if (by_name) {
      out.emplace_back(Object{{"name", role}});
    } else if (is_object_id(role)) {
      out.emplace_back(Object{{"id", role}});
    } else {
      auto const id = references.id_of("roles", role);
      if (id.empty()) {
        return Error(Errc::not_found, fmt::format("there is no role \"{}\"", visible(role)),
                     form == RoleForm::ids
                         ? "a system group is given its roles by id, and so all must be known"
                         : "a group is given its roles by name or by id; here one is an id, and so "
                           "all must be known");
      }
      out.emplace_back(Object{{"id", id.text()}});
    }
  }
  return out;
}

/// [{"id", "name"}] of the API's longer elements.
Array live_roles(Value const& roles) {
  Array out;
  if (auto const* list = roles.if_array()) {
    for (auto const& entry : *list) {
      auto const* role = entry.if_object();
      if (role == nullptr) continue;
      out.emplace_back(Object{{"id", text_at(*role, "id")}, {"name", text_at(*role, "name")}});
    }
  }
  return out;
}

class GroupType final : public CollectionType {
 public:
  GroupType()
      : CollectionType(
            group_schema(),
            {.path = "/api/v1/groups", .updated_at = "lastUpdatedAt", .updated_by = "updatedBy"}) {}

  Task<std::vector<RemoteObject>> list(Session& session) const override {
    auto groups = co_await CollectionType::list(session);
    if (!groups) co_return groups.error();
    groups->push_back(everyone());
    co_return groups;
  }

  bool has_detail() const override { return true; }

  /// A call for Everyone alone: a list tells all of any other group.
  Task<RemoteObject> detail(Session& session, RemoteObject listed) const override {
    if (listed.id.text() != kEveryoneId) co_return listed;
    auto settings = co_await get(session, std::string(kSettings));
    if (!settings) co_return settings.error();
    auto const* found =
        settings->is_object() ? tenantry::find(settings->get_object(), "systemGroups") : nullptr;
    if (found != nullptr && found->is_object()) {
      found = tenantry::find(found->get_object(), kEveryoneId);
    }
    auto const* body = found != nullptr ? found->if_object() : nullptr;
    auto const* roles = body != nullptr ? tenantry::find(*body, "assignedRoles") : nullptr;
    if (roles == nullptr) {
      co_return Error(Errc::protocol, fmt::format("the group settings of {} tell no roles of {}",
                                                  session.host(), kEveryone));
    }
    listed.attributes["assignedRoles"] = live_roles(*roles);
    listed.updated_at = text_at(*body, "lastUpdatedAt");
    co_return listed;
  }

  Task<RemoteObject> read(Session& session, RemoteId id) const override {
    if (id.text() == kEveryoneId) {
      auto known = everyone();
      co_return co_await detail(session, std::move(known));
    }
    co_return co_await CollectionType::read(session, std::move(id));
  }

  /// Everyone is there from the start: taking it over in a new tenant sets its roles.
  Task<Created> create(Operation operation, Object planned) const override {
    if (!is_everyone(planned)) {
      co_return co_await CollectionType::create(std::move(operation), std::move(planned));
    }
    auto updated = co_await update_everyone(std::move(operation), planned);
    if (!updated) co_return updated.error();
    co_return Created{everyone(), std::nullopt};
  }

  Task<Updated> update(Operation operation, RemoteId id, Object planned,
                       Object changed) const override {
    if (id.text() == kEveryoneId) {
      co_return co_await update_everyone(std::move(operation), std::move(changed));
    }
    co_return co_await CollectionType::update(std::move(operation), std::move(id),
                                              std::move(planned), std::move(changed));
  }

  bool is_preset(Object const& planned) const override { return is_everyone(planned); }
  bool refers_by_id(Object const& planned) const override { return is_everyone(planned); }

  std::optional<std::string> permanent(Object const& live) const override {
    if (!is_everyone(live)) return std::nullopt;
    return "the group com.qlik.Everyone is part of every tenant";
  }

  /// PATCH takes /name and /description of custom groups only.
  ChangeRule on_change(Attribute const& attribute, Object const& live) const override {
    if (is_everyone(live)) {
      if (attribute.name == "assignedRoles") return {};
      return {OnChange::refuse, "of the group com.qlik.Everyone only the roles can change"};
    }
    auto const type = text_at(live, "providerType");
    bool const from_idp = type.empty() || type == "idp";
    if (from_idp && attribute.name == "name") {
      return {OnChange::replace, "the name of an `idp` group cannot be changed in place"};
    }
    if (from_idp && attribute.name == "description") {
      return {OnChange::refuse,
              "the description of an `idp` group cannot be changed; only its roles can"};
    }
    return CollectionType::on_change(attribute, live);
  }

 protected:
  RemoteObject live(Object const& body) const override {
    auto object = CollectionType::live(body);
    auto const roles = object.attributes.find("assignedRoles");
    if (roles != object.attributes.end()) roles->value() = live_roles(roles->value());
    return object;
  }

  Result<Object> request(Operation const& operation, Object const& attributes) const override {
    auto body = settable(schema(), attributes);
    auto const roles = body.find("assignedRoles");
    if (roles == body.end()) return body;
    auto references =
        role_references(operation.references, roles->value(), RoleForm::names_if_possible);
    if (!references) return references.error();
    roles->value() = std::move(*references);
    return body;
  }

 private:
  static RemoteObject everyone() {
    RemoteObject group;
    group.id = RemoteId(std::string(kEveryoneId));
    group.attributes["name"] = kEveryone;
    group.preset = true;
    return group;
  }

  static Task<Updated> update_everyone(Operation operation, Object changed) {
    Updated updated;
    auto const* written = tenantry::find(changed, "assignedRoles");
    if (written == nullptr) co_return updated;
    auto roles = role_references(operation.references, *written, RoleForm::ids);
    if (!roles) co_return roles.error();
    Object patch;
    patch[fmt::format("systemGroups/{}/assignedRoles", kEveryoneId)] = std::move(*roles);
    auto reply =
        co_await patch_replace(operation.session, std::string(kSettings), std::move(patch));
    if (!reply) co_return reply.error();
    co_return updated;
  }
};

}  // namespace

ResourceType const& group_type() {
  static GroupType const type;
  return type;
}

}  // namespace tenantry::qlik
