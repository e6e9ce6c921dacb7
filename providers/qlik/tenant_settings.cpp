// tenantSettings: /api/v1/tenant-settings, an entry of which a tenant has none or one.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::string_view kPath = "/api/v1/tenant-settings";
constexpr std::string_view kStartPage = "preferredStartPage";

void check_settings(Object const& written, ReportProblem const& report) {
  if (written.contains(kStartPage) || written.contains("customizeNoAccess")) return;
  report({"", "missing attribute", "Tenant settings need one attribute at least.",
          "write preferredStartPage or customizeNoAccess, or leave tenantSettings out"});
}

/// What POST takes (TenantSettingsCreateDefinition). Cross-region processing is switched by an
/// action that asks for the consent of a person, and so it is no attribute.
Schema const& tenant_settings_schema() {
  static Schema const schema{
      .section = "tenantSettings",
      .singular = "tenant settings",
      .doc =
          "Where users start, and what those see who may not enter. A tenant without them has "
          "Qlik's defaults; deleting them goes back to those.",
      .attributes =
          {
              {.name = std::string(kStartPage),
               .doc = "The page that users see first.",
               .one_of = {"analytics-hub", "data-integration-hub", "management-console",
                          "analytics-creation-hub"},
               .server_default = "analytics-hub"},
              {.name = "customizeNoAccess",
               .kind = Kind::object,
               .doc = "What users see who have no access. A member that is not written stays as "
                      "it is.",
               .fields =
                   {{.name = "linkEnabled",
                     .kind = Kind::boolean,
                     .use = Use::required,
                     .doc = "Whether the link is shown."},
                    {.name = "message", .doc = "Text in place of Qlik's own."},
                    {.name = "linkLabel", .doc = "Text of the link."},
                    {.name = "linkUrl", .doc = "Where the link leads.", .format = Format::url}}},
          },
      .natural_key = {},
      .singleton = true,
      .check = check_settings,
  };
  return schema;
}

/// An answer tells the start page as {"route", "value"}; a request names the value alone.
RemoteObject live_settings(Object const& body) {
  RemoteObject live;
  live.id = RemoteId(text_at(body, "id"));
  live.attributes = declared(tenant_settings_schema(), body);
  auto const page = live.attributes.find(kStartPage);
  if (page != live.attributes.end() && page->value().is_object()) {
    auto value = text_at(page->value().get_object(), "value");
    page->value() = std::move(value);
  }
  live.updated_at = text_at(body, "updatedAt");
  live.updated_by = text_at(body, "updatedBy");
  return live;
}

class TenantSettingsType final : public ResourceType {
 public:
  Schema const& schema() const override { return tenant_settings_schema(); }

  Task<std::vector<RemoteObject>> list(Session& session) const override {
    std::vector<RemoteObject> all;
    auto live = co_await read(session, RemoteId());
    if (live) {
      all.push_back(std::move(*live));
    } else if (live.error().code != Errc::not_found) {
      co_return live.error();
    }
    co_return all;
  }

  /// Defaults without an id are no entry: the contract does not say which of the two a tenant
  /// without settings answers.
  Task<RemoteObject> read(Session& session, RemoteId) const override {
    auto body = co_await get(session, std::string(kPath));
    if (!body) co_return body.error();
    auto const* object = body->if_object();
    if (object == nullptr || text_at(*object, "id").empty()) {
      co_return Error(Errc::not_found, fmt::format("{} has no tenant settings", session.host()));
    }
    co_return live_settings(*object);
  }

  Task<Created> create(Operation operation, Object planned) const override {
    auto body = settable(schema(), planned);
    auto reply = co_await post(operation.session, std::string(kPath), std::move(body));
    if (!reply) co_return reply.error();
    auto created = created_body(*reply, "id", schema().singular);
    if (!created) co_return created.error();
    co_return Created{live_settings(*created), std::nullopt};
  }

  /// JSON Patch `add`, which sets a member whether it is there or not.
  Task<Updated> update(Operation operation, RemoteId id, Object, Object changed) const override {
    Updated updated;
    auto changes = settable(schema(), changed);
    if (changes.empty()) co_return updated;
    auto merged = co_await with_live_members(operation.session, id, std::move(changes));
    if (!merged) co_return merged.error();
    Array operations;
    for (auto const& change : *merged) {
      Object step{{"op", change.value().is_null() ? "remove" : "add"},
                  {"path", '/' + std::string(change.key())}};
      if (!change.value().is_null()) step["value"] = change.value();
      operations.emplace_back(std::move(step));
    }
    Call call{
        .verb = Verb::patch, .path = std::string(kPath), .body = Value(std::move(operations))};
    auto reply = co_await operation.session.call(std::move(call));
    if (!reply) co_return reply.error();
    if (auto const* body = reply->body.if_object()) {
      updated.attributes = live_settings(*body).attributes;
    }
    co_return updated;
  }

  Task<void> remove(Operation operation, RemoteId) const override {
    co_return co_await tenantry::remove(operation.session, std::string(kPath));
  }

 private:
  /// A whole object is sent, so the members that nobody wrote come from the live one.
  Task<Object> with_live_members(Session& session, RemoteId id, Object changes) const {
    auto const whole = [](auto const& change) { return !change.value().is_object(); };
    if (std::ranges::all_of(changes, whole)) co_return changes;
    auto live = co_await read(session, id);
    if (!live) co_return live.error();
    for (auto& change : changes) {
      auto const* before = tenantry::find(live->attributes, change.key());
      if (!change.value().is_object() || before == nullptr || !before->is_object()) continue;
      auto members = before->get_object();
      for (auto const& member : change.value().get_object()) {
        members[member.key()] = member.value();
      }
      change.value() = std::move(members);
    }
    co_return changes;
  }
};

}  // namespace

ResourceType const& tenant_settings_type() {
  static TenantSettingsType const type;
  return type;
}

}  // namespace tenantry::qlik
