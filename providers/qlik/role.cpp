// roles: /api/v1/roles. TenantAdmin only; default roles belong to the platform.
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

Schema const& role_schema() {
  static Schema const schema{
      .section = "roles",
      .singular = "role",
      .doc =
          "A custom role: a named set of scopes that users and groups are given. Qlik's default "
          "roles can be referred to by name, but not changed. A tenant holds at most 500 custom "
          "roles, and one that is still assigned cannot be deleted.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Unique among the custom and default roles of the tenant; upper and lower "
                      "case differ.",
               .length_min = 1},
              {.name = "description", .doc = "What the role is for, shown where it is assigned."},
              {.name = "assignedScopes",
               .kind = Kind::set,
               .doc = "Scopes that the role grants, e.g. `automations`. Who holds the role can do "
                      "what all of them allow."},
          },
      .natural_key = {"name"},
  };
  return schema;
}

class RoleType final : public CollectionType {
 public:
  RoleType()
      : CollectionType(
            role_schema(),
            {.path = "/api/v1/roles", .updated_at = "lastUpdatedAt", .updated_by = "updatedBy"}) {}

  Task<void> remove(Operation operation, RemoteId id) const override {
    auto removed = co_await CollectionType::remove(operation, id);
    if (!removed && removed.error().code == Errc::forbidden) {
      auto error = removed.error();
      error.hint =
          "Qlik Cloud refuses this while a user or group still has the role: take it from them "
          "first";
      co_return error;
    }
    co_return removed;
  }

 protected:
  RemoteObject live(Object const& body) const override {
    auto object = CollectionType::live(body);
    object.built_in = text_at(body, "type") == "default";
    return object;
  }
};

}  // namespace

ResourceType const& role_type() {
  static RoleType const type;
  return type;
}

}  // namespace tenantry::qlik
