// groupSettings: /api/v1/groups/settings. The roles of its system group are those of the group
// com.qlik.Everyone, see group.cpp.
#include <fmt/format.h>

#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::string_view kPath = "/api/v1/groups/settings";
/// A tenant has one, without an id of its own.
constexpr std::string_view kId = "settings";

Schema const& group_settings_schema() {
  static Schema const schema{
      .section = "groupSettings",
      .singular = "group settings",
      .doc =
          "What happens to the groups that the identity provider tells at a login. Part of "
          "every tenant: declaring them takes them over, and no longer declaring them leaves "
          "them as they are. They should be set before users log in for the first time.",
      .attributes =
          {
              {.name = "autoCreateGroups",
               .kind = Kind::boolean,
               .doc = "Whether a group that is unknown in the tenant is created at a login.",
               .server_default = false},
              {.name = "syncIdpGroups",
               .kind = Kind::boolean,
               .doc = "Whether the memberships of a user follow the identity provider at each "
                      "login. Deprecated by Qlik.",
               .server_default = false},
          },
      .natural_key = {},
      .singleton = true,
  };
  return schema;
}

class GroupSettingsType final : public ResourceType {
 public:
  Schema const& schema() const override { return group_settings_schema(); }

  Task<std::vector<RemoteObject>> list(Session& session) const override {
    auto live = co_await read(session, RemoteId(std::string(kId)));
    if (!live) co_return live.error();
    std::vector<RemoteObject> all;
    all.push_back(std::move(*live));
    co_return all;
  }

  Task<RemoteObject> read(Session& session, RemoteId) const override {
    auto body = co_await get(session, std::string(kPath));
    if (!body) co_return body.error();
    if (!body->is_object()) {
      co_return Error(Errc::protocol, fmt::format("{} of {} is no object", kPath, session.host()));
    }
    RemoteObject live;
    live.id = RemoteId(std::string(kId));
    live.attributes = declared(schema(), body->get_object());
    live.preset = true;
    co_return live;
  }

  /// A new tenant has them from the start: taking them over sets what is written.
  Task<Created> create(Operation operation, Object planned) const override {
    auto changed = co_await set(operation.session, planned);
    if (!changed) co_return changed.error();
    Created created;
    created.object.id = RemoteId(std::string(kId));
    created.object.attributes = settable(schema(), planned);
    created.object.preset = true;
    co_return created;
  }

  Task<Updated> update(Operation operation, RemoteId, Object, Object changed) const override {
    auto sent = co_await set(operation.session, std::move(changed));
    if (!sent) co_return sent.error();
    co_return Updated();
  }

  Task<void> remove(Operation, RemoteId) const override {
    co_return Error(Errc::invalid, *permanent({}));
  }

  bool is_preset(Object const&) const override { return true; }

  std::optional<std::string> permanent(Object const&) const override {
    return "the group settings are part of every tenant";
  }

 private:
  Task<void> set(Session& session, Object attributes) const {
    auto changes = settable(schema(), attributes);
    if (changes.empty()) co_return Result<void>();
    auto reply = co_await patch_replace(session, std::string(kPath), std::move(changes));
    if (!reply) co_return reply.error();
    co_return Result<void>();
  }
};

}  // namespace

ResourceType const& group_settings_type() {
  static GroupSettingsType const type;
  return type;
}

}  // namespace tenantry::qlik
