// roles: /api/v1/roles. TenantAdmin only; default roles belong to the platform, and of one of them,
// UserDefault, the scopes can be changed.
#include <fmt/format.h>

#include <algorithm>

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
          "roles can be referred to by name, but not changed, except for the assignedScopes of "
          "UserDefault, the role that every user has: a role of that name takes it over, and "
          "forgets it when it is no longer declared. A tenant holds at most 500 custom roles, and "
          "one that is still assigned cannot be deleted.",
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

/// The default role that every user has. Names are unique over default and custom roles.
constexpr std::string_view kUserDefault = "UserDefault";

bool is_user_default(Object const& role) { return text_at(role, "name") == kUserDefault; }

class RoleType final : public CollectionType {
 public:
  RoleType()
      : CollectionType(
            role_schema(),
            {.path = "/api/v1/roles", .updated_at = "lastUpdatedAt", .updated_by = "updatedBy"}) {}

  /// Of UserDefault PATCH takes assignedScopes alone (`canEdit`).
  ChangeRule on_change(Attribute const& attribute, Object const& live) const override {
    if (is_user_default(live) && attribute.name != "assignedScopes") {
      return {OnChange::refuse, "of the default role UserDefault only assignedScopes can change"};
    }
    return CollectionType::on_change(attribute, live);
  }

  bool is_preset(Object const& planned) const override { return is_user_default(planned); }
  std::vector<std::string> holders() const override { return {"groups"}; }

  std::optional<std::string> permanent(Object const& live) const override {
    if (!is_user_default(live)) return std::nullopt;
    return "the default role UserDefault is part of every tenant";
  }

  Task<Created> create(Operation operation, Object planned) const override {
    if (is_user_default(planned)) {
      co_return co_await take_over(std::move(operation), std::move(planned));
    }
    co_return co_await CollectionType::create(std::move(operation), std::move(planned));
  }

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
    bool const is_default = text_at(body, "type") == "default";
    object.preset = is_default && is_user_default(object.attributes);
    object.built_in = is_default && !object.preset;
    return object;
  }

 private:
  /// What "create" means for a role that a new tenant has from the start.
  Task<Created> take_over(Operation operation, Object planned) const {
    auto roles = co_await list(operation.session);
    if (!roles) co_return roles.error();
    auto const found = std::ranges::find_if(*roles, &RemoteObject::preset);
    if (found == roles->end()) {
      co_return Error(Errc::not_found,
                      fmt::format("{} has no default role {}, and it cannot be created",
                                  operation.session.host(), kUserDefault),
                      "leave this role out of the configuration of the tenant");
    }
    auto const changed = settable(schema(), planned);
    for (auto const& member : changed) {
      auto const* live = tenantry::find(found->attributes, member.key());
      bool const is_same = live != nullptr && equal(*live, member.value());
      auto const rule = on_change(*schema().find(member.key()), found->attributes);
      if (!is_same && rule.on_change == OnChange::refuse) {
        co_return Error(Errc::invalid, rule.reason,
                        fmt::format("remove `{}`", std::string_view(member.key())));
      }
    }
    Object scopes;
    if (auto const* written = tenantry::find(changed, "assignedScopes")) {
      scopes["assignedScopes"] = *written;
    }
    auto updated = co_await update(operation, found->id, planned, scopes);
    if (!updated) co_return updated.error();
    Created created{*found, std::nullopt};
    for (auto const& member : scopes) created.object.attributes[member.key()] = member.value();
    co_return created;
  }
};

}  // namespace

ResourceType const& role_type() {
  static RoleType const type;
  return type;
}

}  // namespace tenantry::qlik
