// /api/v1/roles: 17 default roles, up to 500 custom ones.
#include "emulator/roles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kCustomMax = 500;
constexpr std::size_t kAssignedMax = 100;

struct DefaultRole {
  std::string_view name, level, description;
};
constexpr DefaultRole kDefaults[] = {
    {"AnalyticsAdmin", "admin", "Administers analytics content"},
    {"AuditAdmin", "admin", "Reads audit events"},
    {"AutomationCreator", "user", "Creates automations"},
    {"AutomlDeploymentContributor", "user", "Deploys machine learning models"},
    {"AutomlExperimentContributor", "user", "Creates machine learning experiments"},
    {"CollaborationPlatformUser", "user", "Uses collaboration platforms"},
    {"DataAdmin", "admin", "Administers data spaces and connections"},
    {"DataProductManager", "user", "Manages data products"},
    {"DataServicesContributor", "user", "Creates data integration content"},
    {"DataSpaceCreator", "user", "Creates data spaces"},
    {"EmbeddedAnalyticsUser", "user", "Uses embedded analytics only"},
    {"ManagedSpaceCreator", "user", "Creates managed spaces"},
    {"PrivateAnalyticsContentCreator", "user", "Creates content in the personal space"},
    {"SharedSpaceCreator", "user", "Creates shared spaces"},
    {"Steward", "user", "Curates glossaries and data quality"},
    {"TenantAdmin", "admin", "Administers the tenant"},
    {"UserDefault", "user", "What every user may do"},
};

constexpr Filterable kFilterable[] = {{"id", "eq ne"},
                                      {"name", "eq ne co sw"},
                                      {"type", "eq ne"},
                                      {"level", "eq ne"},
                                      {"tenantId", "eq"},
                                      {"description", "eq co"},
                                      {"permissions", "eq"},
                                      {"createdAt", "eq ne gt ge lt le"},
                                      {"lastUpdatedAt", "eq ne gt ge lt le"}};
constexpr std::string_view kSortable[] = {"name",      "type",          "level",
                                          "createdAt", "lastUpdatedAt", "id"};
ListSpec const kList{.filterable = kFilterable, .sortable = kSortable, .counts = true};

bool is_default(Object const& data) { return text_at(data, "type") == "default"; }

/// What may be changed: custom roles, and the scopes of UserDefault.
bool can_edit(Object const& data) {
  return !is_default(data) || text_at(data, "name") == "UserDefault";
}

/// A default role is kept as its name alone: ten thousand tenants have seventeen each.
Object shown(Tenant const& tenant, std::string_view id, Object const& data) {
  Object out = public_part(data);
  out["id"] = id;
  out["tenantId"] = tenant.id;
  if (is_default(data)) {
    auto const* const role = std::ranges::find(
        kDefaults, std::string_view(data.at("name").get_string()), &DefaultRole::name);
    out["level"] = role->level;
    out["description"] = role->description;
    if (!out.contains("createdAt")) out["createdAt"] = tenant.data().at("created");
    if (!out.contains("lastUpdatedAt")) out["lastUpdatedAt"] = tenant.data().at("created");
  } else {
    auto const& scopes = data.at("assignedScopes").as_array();
    auto const admin = std::ranges::any_of(
        scopes, [](Value const& scope) { return scope.as_string().starts_with("admin"); });
    out["level"] = admin ? "admin" : "user";
  }
  out["permissions"] = Array();
  out["canEdit"] = can_edit(data);
  out["canDelete"] = !is_default(data);
  out["userEntitlementType"] = "";
  return out;
}

Object render(Call const& call, std::string_view id, Object const& data) {
  auto out = shown(*call.tenant, id, data);
  out["links"] = call.self_link(fmt::format("/api/v1/roles/{}", id));
  return out;
}

Answer list(Call& call) {
  return list_page(call, kList, items_of(call.table("roles")),
                   [&](ListItem const& item) { return render(call, item.id, *item.data); });
}

Row const* find_role(Call const& call) { return call.table("roles").find(call.id()); }

Problem no_such_role() { return missing("there is no such role", "IDENTITIES-10402"); }

Answer get(Call& call) {
  auto const* const role = find_role(call);
  if (role == nullptr) return no_such_role();
  return json_reply(200, render(call, role->id, role->data));
}

/// Qlik does not publish the list of scopes that roles take: their form is checked.
Refusal check_scopes(Value const& scopes, std::string const& pointer) {
  for (auto const& scope : scopes.as_array()) {
    std::string_view const text = scope.as_string();
    if (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.:") !=
                            std::string_view::npos) {
      return invalid(pointer, "there is no such scope");
    }
  }
  return std::nullopt;
}

Refusal name_is_free(Call const& call, std::string_view name, std::string_view own_id,
                     std::string pointer) {
  auto const* const other = call.table("roles").find_by_key(name);
  if (other == nullptr || other->id == own_id) return std::nullopt;
  return invalid(std::move(pointer), "a role with this name exists");
}

Array without_repeats(Array const& list) {
  Array out;
  for (auto const& item : list) {
    if (std::ranges::find(out, item) == out.end()) out.push_back(item);
  }
  return out;
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "name", .use = Use::required, .length_min = 1, .length_max = 256},
      {.name = "description"},
      {.name = "assignedScopes", .type = Type::texts, .length_max = 256}};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto& roles = call.table("roles");
  if (auto refusal = name_is_free(call, text_at(body, "name"), "", "/name")) return *refusal;
  auto const* const scopes = find(body, "assignedScopes");
  if (scopes != nullptr) {
    if (auto refusal = check_scopes(*scopes, "/assignedScopes")) return *refusal;
  }
  if (roles.size() >= kCustomMax + std::size(kDefaults)) {
    return forbidden(fmt::format("the tenant has {} custom roles already", kCustomMax));
  }
  auto const time = call.world.stamp();
  Object data{{"name", body.at("name")},
              {"type", "custom"},
              {"description", text_at(body, "description")},
              {"assignedScopes", scopes == nullptr ? Array() : without_repeats(scopes->as_array())},
              {"createdAt", time},
              {"lastUpdatedAt", time},
              {"createdBy", call.token->user_id},
              {"updatedBy", call.token->user_id}};
  auto const& role = roles.insert(call.new_id(roles), std::move(data));
  return json_reply(201, render(call, role.id, role.data));
}

Refusal change_scopes(PatchOperation const& operation, Object& draft) {
  auto& scopes = draft["assignedScopes"];
  if (!scopes.is_array()) scopes = Array();
  auto& list = scopes.get_array();
  if (operation.op == "replace") {
    if (auto refusal = check_scopes(operation.value, operation.pointer)) return refusal;
    list = without_repeats(operation.value.as_array());
  } else if (operation.op == "add") {
    Value const one = Array{operation.value};
    if (auto refusal = check_scopes(one, operation.pointer)) return refusal;
    list.push_back(operation.value);
    list = without_repeats(list);
  } else {
    auto const at = std::ranges::find(list, operation.value);
    if (at == list.end()) return invalid(operation.pointer, "the role does not have this scope");
    list.erase(at);
  }
  return std::nullopt;
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {
      {"/name", "replace", {.length_min = 1, .length_max = 256}},
      {"/description", "replace", {}},
      {"/assignedScopes", "replace remove-value", {.type = Type::any}},
      {"/assignedScopes/-", "add", {.length_max = 256}}};
  auto const* const role = find_role(call);
  if (role == nullptr) return no_such_role();
  if (!can_edit(role->data)) return forbidden("a default role cannot be changed");
  auto draft = role->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    if (op.path.starts_with("/assignedScopes")) {
      Property const scopes{.type = op.op == "replace" ? Type::texts : Type::text,
                            .length_max = 256};
      if (auto wrong = check_value(op.value, scopes, op.pointer + "/value")) return wrong;
      return change_scopes(op, draft);
    }
    if (is_default(draft)) return forbidden("only the scopes of a default role can be changed");
    if (op.path == "/name") {
      std::string_view const name = op.value.get_string();
      if (auto taken = name_is_free(call, name, role->id, op.pointer)) return taken;
    }
    draft[op.path.substr(1)] = op.value;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  draft["lastUpdatedAt"] = call.world.stamp();
  draft["updatedBy"] = call.token->user_id;
  call.table("roles").update(call.id(), std::move(draft));
  return empty_reply(204);
}

bool is_assigned(Call const& call, std::string_view id) {
  for (auto const* const name : {"users", "groups"}) {
    for (auto const& [sequence, row] : call.table(name).rows()) {
      if (lists_id(find(row.data, "_roles"), id)) return true;
    }
  }
  auto const* const settings = call.table("groupSettings").find("settings");
  return settings != nullptr && lists_id(find(settings->data, "_everyone"), id);
}

Answer remove(Call& call) {
  auto const* const role = find_role(call);
  if (role == nullptr) return no_such_role();
  if (is_default(role->data)) return forbidden("a default role cannot be deleted");
  if (is_assigned(call, role->id)) return forbidden("the role is assigned to a user or a group");
  call.table("roles").erase(call.id());
  return empty_reply(204);
}

void seed(World& world, Tenant& tenant) {
  auto& roles = tenant.table("roles");
  for (auto const& role : kDefaults) {
    Object data{{"name", role.name}, {"type", "default"}};
    if (role.name == "UserDefault") data["assignedScopes"] = Array{"user_default"};
    auto id = world.hex_id(24);
    while (roles.find(id) != nullptr) id = world.hex_id(24);
    roles.insert(std::move(id), std::move(data));
  }
}

std::string name_of(Object const& data) { return text_at(data, "name"); }

Object show(Tenant const& tenant, Row const& row) { return shown(tenant, row.id, row.data); }

}  // namespace

Array describe_roles(Tenant const& tenant, Value const* ids) {
  Array out;
  if (ids == nullptr) return out;
  for (auto const& id : ids->as_array()) {
    auto const* const role = tenant.table("roles").find(std::string_view(id.as_string()));
    if (role == nullptr) continue;
    auto const full = shown(tenant, role->id, role->data);
    out.push_back({{"id", role->id},
                   {"name", full.at("name")},
                   {"type", full.at("type")},
                   {"level", full.at("level")}});
  }
  return out;
}

std::variant<Array, Problem> read_roles(Tenant const& tenant, Value const& references,
                                        std::string const& pointer) {
  auto const* const list = references.if_array();
  if (list == nullptr) return invalid(pointer, "must be an array of roles");
  if (list->size() > kAssignedMax) {
    return invalid(pointer, fmt::format("at most {} roles can be assigned", kAssignedMax));
  }
  auto const& roles = tenant.table("roles");
  Array ids;
  std::string_view by;
  for (auto const& item : *list) {
    auto const* const object = item.if_object();
    if (object == nullptr || object->size() != 1 ||
        (object->begin()->key() != "id" && object->begin()->key() != "name") ||
        !object->begin()->value().is_string()) {
      return invalid(pointer, "each role must be {\"id\": ...} or {\"name\": ...}");
    }
    if (!by.empty() && by != object->begin()->key()) {
      return invalid(pointer, "roles are given by id or by name, not both");
    }
    by = object->begin()->key();
    std::string_view const text = object->begin()->value().get_string();
    auto const* const role = by == "id" ? roles.find(text) : roles.find_by_key(text);
    if (role == nullptr) return invalid(pointer, "there is no such role");
    if (std::ranges::find(ids, Value(role->id)) == ids.end()) ids.emplace_back(role->id);
  }
  return ids;
}

bool lists_id(Value const* ids, std::string_view id) {
  auto const* const list = ids == nullptr ? nullptr : ids->if_array();
  return list != nullptr && std::ranges::any_of(*list, [&](Value const& value) {
           return value.is_string() && std::string_view(value.get_string()) == id;
         });
}

Kind roles_kind() {
  constexpr std::string_view kAll = "/api/v1/roles", kOne = "/api/v1/roles/{id}";
  return {.errors = {.status = StatusForm::none},
          .tables = {{"roles", name_of, show}},
          .routes = {{"GET", kAll, list, kTier1, Access::admin},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", kOne, get, kTier1, Access::admin},
                     {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}},
          .seed = seed};
}

}  // namespace tenantry::emulator
