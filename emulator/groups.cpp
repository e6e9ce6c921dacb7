// /api/v1/groups: groups of the identity provider and custom ones, the system group Everyone, and
// the settings.
#include <fmt/format.h>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"
#include "emulator/roles.hpp"
#include "emulator/spaces.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kGroupsMax = 10'000;
constexpr std::string_view kEveryone = "000000000000000000000001";

constexpr Filterable kFilterable[] = {{"id", "eq ne"},
                                      {"name", "eq ne co sw"},
                                      {"status", "eq ne"},
                                      {"providerType", "eq ne"},
                                      {"createdAt", "eq ne gt ge lt le"},
                                      {"lastUpdatedAt", "eq ne gt ge lt le"},
                                      {"assignedRoles.id", "eq"},
                                      {"assignedRoles.name", "eq"}};
constexpr std::string_view kSortable[] = {"name",      "status",        "providerType",
                                          "createdAt", "lastUpdatedAt", "id"};
ListSpec const kList{.filterable = kFilterable, .sortable = kSortable, .counts = true};

Object shown(Tenant const& tenant, std::string_view id, Object const& data) {
  Object out = public_part(data);
  out["id"] = id;
  out["tenantId"] = tenant.id;
  out["assignedRoles"] = describe_roles(tenant, find(data, "_roles"));
  return out;
}

Object render(Call const& call, std::string_view id, Object const& data) {
  auto out = shown(*call.tenant, id, data);
  out["links"] = call.self_link(fmt::format("/api/v1/groups/{}", id));
  return out;
}

Object const& settings_of(Tenant const& tenant) {
  return tenant.table("groupSettings").find("settings")->data;
}

/// The system group in the form of a group.
Object everyone(Call const& call) {
  auto const& settings = settings_of(*call.tenant);
  return {{"id", kEveryone},
          {"tenantId", call.tenant->id},
          {"name", "com.qlik.Everyone"},
          {"status", "active"},
          {"createdAt", settings.at("createdAt")},
          {"lastUpdatedAt", settings.at("lastUpdatedAt")},
          {"assignedRoles", describe_roles(*call.tenant, find(settings, "_everyone"))},
          {"links", call.self_link(fmt::format("/api/v1/groups/{}", kEveryone))}};
}

Problem no_such_group() { return missing("there is no such group", "GROUPS-7"); }

Answer list(Call& call) {
  if (call.parameter("systemGroups") == "true") {
    if (call.query.size() != 1) {
      return bad_parameter("systemGroups", "cannot be combined with other parameters");
    }
    return json_reply(
        200, {{"data", Array{everyone(call)}}, {"links", call.self_link(call.request.target)}});
  }
  return list_page(call, kList, items_of(call.table("groups")),
                   [&](ListItem const& item) { return render(call, item.id, *item.data); });
}

Answer filter(Call& call) {
  static Property const kProperties[] = {{.name = "filter"}};
  if (call.body.is_null()) call.body = Object();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  return list_page(
      call, kList, items_of(call.table("groups")),
      [&](ListItem const& item) { return render(call, item.id, *item.data); },
      text_at(call.body.get_object(), "filter"));
}

Answer get(Call& call) {
  if (call.id() == kEveryone) return json_reply(200, everyone(call));
  auto const* const group = call.table("groups").find(call.id());
  if (group == nullptr) return no_such_group();
  return json_reply(200, render(call, group->id, group->data));
}

std::string key(std::string_view provider, std::string_view name) {
  return fmt::format("{}\n{}", provider, name);
}

std::string key_of(Object const& data) {
  return key(text_at(data, "providerType"), text_at(data, "name"));
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "name", .use = Use::required, .length_min = 1, .length_max = 256},
      {.name = "status", .values = {"active"}},
      {.name = "description"},
      {.name = "providerType", .values = {"idp", "custom"}},
      {.name = "assignedRoles", .type = Type::any}};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  Array roles;
  if (auto const* const references = find(body, "assignedRoles")) {
    auto read = read_roles(*call.tenant, *references, "/assignedRoles");
    if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
    roles = std::move(std::get<0>(read));
  }
  auto const* const provider = find(body, "providerType");
  auto const time = call.world.stamp();
  Object data{{"name", body.at("name")},
              {"providerType", provider == nullptr ? Value("idp") : *provider},
              {"status", "active"},
              {"createdAt", time},
              {"lastUpdatedAt", time},
              {"createdBy", call.token->user_id},
              {"updatedBy", call.token->user_id},
              {"_roles", std::move(roles)}};
  if (auto const* const description = find(body, "description")) data["description"] = *description;
  auto& groups = call.table("groups");
  if (groups.find_by_key(key_of(data)) != nullptr) {
    return conflict("/name", "a group with this name and provider type exists");
  }
  if (groups.size() >= kGroupsMax) {
    return forbidden(fmt::format("the tenant has {} groups already", kGroupsMax));
  }
  auto const& group = groups.insert(call.new_id(groups), std::move(data));
  return json_reply(201, render(call, group.id, group.data));
}

/// The contract has the paths with and without their slash.
std::string attribute_of(std::string const& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

Refusal patch_group(Call const& call, PatchOperation const& op, Row const& group, Object& draft) {
  auto const attribute = attribute_of(op.path);
  auto const pointer = op.pointer + "/value";
  if (attribute == "assignedRoles") {
    auto read = read_roles(*call.tenant, op.value, pointer);
    if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
    draft["_roles"] = std::move(std::get<0>(read));
    return std::nullopt;
  }
  if (text_at(draft, "providerType") != "custom") {
    return invalid(op.pointer + "/path", "only the roles of an idp group can be changed");
  }
  Property const text{.length_min = attribute == "name" ? 1U : 0U,
                      .length_max = attribute == "name" ? 256U : 100'000U};
  if (auto refusal = check_value(op.value, text, pointer)) return refusal;
  draft[attribute] = op.value;
  auto const* const other = call.table("groups").find_by_key(key_of(draft));
  if (other != nullptr && other->id != group.id) {
    return conflict(pointer, "a group with this name and provider type exists");
  }
  return std::nullopt;
}

void update_settings(Call const& call, Object draft) {
  draft["lastUpdatedAt"] = call.world.stamp();
  call.table("groupSettings").update("settings", std::move(draft));
}

/// Of the system group only the roles change, and only by id.
Refusal patch_everyone(Call const& call, PatchOperation const& op, Object& draft) {
  if (attribute_of(op.path) != "assignedRoles") {
    return invalid(op.pointer + "/path", "only the roles of a system group can be changed");
  }
  auto read = read_roles(*call.tenant, op.value, op.pointer + "/value");
  if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
  for (auto const& item : op.value.as_array()) {
    if (item.get_object().contains("name")) {
      return invalid(op.pointer + "/value", "roles of a system group are given by id");
    }
  }
  draft["_everyone"] = std::move(std::get<0>(read));
  return std::nullopt;
}

Answer patch(Call& call) {
  static Property const kAny{.type = Type::any};
  static PatchPath const kPaths[] = {
      {"/assignedRoles", "replace", kAny}, {"/name", "replace", kAny},
      {"/description", "replace", kAny},   {"assignedRoles", "replace", kAny},
      {"name", "replace", kAny},           {"description", "replace", kAny}};
  if (call.id() == kEveryone) {
    auto draft = settings_of(*call.tenant);
    auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) {
      return patch_everyone(call, op, draft);
    });
    if (refusal) return *refusal;
    update_settings(call, std::move(draft));
    return empty_reply(204);
  }
  auto const* const group = call.table("groups").find(call.id());
  if (group == nullptr) return no_such_group();
  auto draft = group->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) {
    return patch_group(call, op, *group, draft);
  });
  if (refusal) return *refusal;
  draft["lastUpdatedAt"] = call.world.stamp();
  draft["updatedBy"] = call.token->user_id;
  call.table("groups").update(call.id(), std::move(draft));
  return empty_reply(204);
}

Answer remove(Call& call) {
  if (call.id() == kEveryone) return invalid("", "a system group cannot be deleted");
  auto const* const group = call.table("groups").find(call.id());
  if (group == nullptr) return no_such_group();
  auto& users = call.table("users");
  std::vector<std::string> members;
  for (auto const& [sequence, user] : users.rows()) {
    if (lists_id(find(user.data, "_groups"), group->id)) members.push_back(user.id);
  }
  if (!members.empty() && text_at(group->data, "providerType") == "custom") {
    return invalid("", fmt::format("the group has {} users", members.size()));
  }
  for (auto const& member : members) {
    auto data = users.find(member)->data;
    auto& list = data["_groups"].as_array();
    list.erase(std::ranges::find(list, Value(group->id)));
    users.update(member, std::move(data));
  }
  remove_assignments_to(*call.tenant, call.id());
  call.table("groups").erase(call.id());
  return empty_reply(204);
}

Answer get_settings(Call& call) {
  auto const& settings = settings_of(*call.tenant);
  return json_reply(
      200, {{"tenantId", call.tenant->id},
            {"autoCreateGroups", settings.at("autoCreateGroups")},
            {"syncIdpGroups", settings.at("syncIdpGroups")},
            {"systemGroups",
             {{kEveryone,
               {{"id", kEveryone},
                {"name", "com.qlik.Everyone"},
                {"enabled", true},
                {"createdAt", settings.at("createdAt")},
                {"lastUpdatedAt", settings.at("lastUpdatedAt")},
                {"assignedRoles", describe_roles(*call.tenant, find(settings, "_everyone"))}}}}},
            {"links", call.self_link("/api/v1/groups/settings")}});
}

Answer patch_settings(Call& call) {
  static PatchPath const kPaths[] = {
      {"/autoCreateGroups", "replace", {.type = Type::flag}},
      {"/syncIdpGroups", "replace", {.type = Type::flag}},
      {"/systemGroups/000000000000000000000001/assignedRoles", "replace", {.type = Type::objects}}};
  auto draft = settings_of(*call.tenant);
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    if (op.value.is_bool()) {
      draft[op.path.substr(1)] = op.value;
      return std::nullopt;
    }
    auto read = read_roles(*call.tenant, op.value, op.pointer + "/value");
    if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
    draft["_everyone"] = std::move(std::get<0>(read));
    return std::nullopt;
  });
  if (refusal) return *refusal;
  update_settings(call, std::move(draft));
  return empty_reply(204);
}

void seed(World& world, Tenant& tenant) {
  Array roles;
  for (auto const* const name :
       {"AutomationCreator", "PrivateAnalyticsContentCreator", "SharedSpaceCreator"}) {
    roles.emplace_back(tenant.table("roles").find_by_key(name)->id);
  }
  auto const time = world.stamp();
  tenant.table("groupSettings")
      .insert("settings", {{"autoCreateGroups", false},
                           {"syncIdpGroups", false},
                           {"createdAt", time},
                           {"lastUpdatedAt", time},
                           {"_everyone", std::move(roles)}});
}

Object show(Tenant const& tenant, Row const& row) { return shown(tenant, row.id, row.data); }

Object show_settings(Tenant const& tenant, Row const& row) {
  auto out = public_part(row.data);
  out["everyone"] = describe_roles(tenant, find(row.data, "_everyone"));
  return out;
}

}  // namespace

Kind groups_kind() {
  constexpr std::string_view kAll = "/api/v1/groups", kOne = "/api/v1/groups/{groupId}",
                             kSettings = "/api/v1/groups/settings";
  constexpr Tier kFilterTier{"groups/actions/filter", 200};
  return {.errors = {.status = StatusForm::number},
          .tables = {{"groups", key_of, show}, {"groupSettings", nullptr, show_settings}},
          .routes = {{"GET", kAll, list, kTier1, Access::user},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", kSettings, get_settings, kTier1, Access::user},
                     {"PATCH", kSettings, patch_settings, kTier2, Access::admin, BodyKind::json},
                     {"POST", "/api/v1/groups/actions/filter", filter, kFilterTier, Access::user,
                      BodyKind::optional_json},
                     {"GET", kOne, get, kTier1, Access::user},
                     {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}},
          .seed = seed};
}

}  // namespace tenantry::emulator
