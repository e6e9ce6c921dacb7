// groups: /api/v1/groups. System groups (Everyone) are lists of their own and left out.
#include <fmt/format.h>

#include <algorithm>

#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

Schema const& group_schema() {
  static Schema const schema{
      .section = "groups",
      .singular = "group",
      .doc =
          "A group and the roles that it gives its members. Members come from the identity "
          "provider (`idp`) or are assigned in Qlik Cloud (`custom`). A custom group can be "
          "deleted only when it has no members.",
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
  };
  return schema;
}

bool is_object_id(std::string_view text) {
  return text.size() == 24 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The roles as a request takes them: all by name or all by id, never mixed.
Result<Array> role_references(References const& references, Value const& planned) {
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
  bool const by_name = std::ranges::none_of(roles, is_object_id);
  Array out;
  for (auto const& role : roles) {
    if (by_name) {
      out.emplace_back(Object{{"name", role}});
    } else if (is_object_id(role)) {
      out.emplace_back(Object{{"id", role}});
    } else {
      auto const id = references.id_of("roles", role);
      if (id.empty()) {
        return Error(Errc::not_found, fmt::format("there is no role \"{}\"", role),
                     "a group is given its roles by name or by id; here one is an id, and so all "
                     "must be known");
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

  /// PATCH takes /name and /description of custom groups only.
  ChangeRule on_change(Attribute const& attribute, Object const& live) const override {
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
    auto references = role_references(operation.references, roles->value());
    if (!references) return references.error();
    roles->value() = std::move(*references);
    return body;
  }
};

}  // namespace

ResourceType const& group_type() {
  static GroupType const type;
  return type;
}

}  // namespace tenantry::qlik
