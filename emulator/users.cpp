// /api/v1/users: people, and the bot users of OAuth clients.
#include "emulator/users.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"
#include "emulator/roles.hpp"
#include "emulator/spaces.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::chrono::hours kInviteLife{24 * 7};

constexpr Filterable kFilterable[] = {{"id"},
                                      {"subject", "eq co"},
                                      {"name", "eq co"},
                                      {"email", "eq co"},
                                      {"status", "eq ne"},
                                      {"clientId"},
                                      {"assignedRoles.id"},
                                      {"assignedRoles.name"},
                                      {"assignedGroups.id"},
                                      {"assignedGroupsAssignedRoles.name"},
                                      {"assignedScopes"}};
constexpr std::string_view kSortable[] = {"name",    "id",    "tenantId",     "clientId", "status",
                                          "subject", "email", "inviteExpiry", "createdAt"};
ListSpec const kList{.filterable = kFilterable, .sortable = kSortable, .counts = true};

Array describe_groups(Tenant const& tenant, Value const* ids) {
  Array out;
  if (ids == nullptr) return out;
  for (auto const& id : ids->as_array()) {
    auto const* const group = tenant.table("groups").find(std::string_view(id.as_string()));
    if (group == nullptr) continue;
    out.push_back({{"id", group->id},
                   {"name", group->data.at("name")},
                   {"providerType", group->data.at("providerType")},
                   {"assignedRoles", describe_roles(tenant, find(group->data, "_roles"))}});
  }
  return out;
}

Object shown(Tenant const& tenant, std::string_view id, Object const& data) {
  Object out = public_part(data);
  out["id"] = id;
  out["tenantId"] = tenant.id;
  out["assignedRoles"] = describe_roles(tenant, find(data, "_roles"));
  out["assignedGroups"] = describe_groups(tenant, find(data, "_groups"));
  Array names;
  for (auto const& role : out["assignedRoles"].get_array()) names.push_back(role.at("name"));
  out["roles"] = std::move(names);
  out["created"] = data.at("createdAt");
  out["lastUpdated"] = data.at("lastUpdatedAt");
  return out;
}

Object render(Call const& call, std::string_view id, Object const& data) {
  auto out = shown(*call.tenant, id, data);
  out["links"] = call.self_link(fmt::format("/api/v1/users/{}", id));
  auto const fields = call.parameter("fields");
  if (!fields) return out;
  if (fields->find("groups") != std::string_view::npos) {
    Array names;
    for (auto const& group : out["assignedGroups"].get_array()) names.push_back(group.at("name"));
    out["groups"] = std::move(names);
  }
  Object kept;
  // The contract requires the first four of every user, whatever fields were asked for.
  auto const wanted = fmt::format(",id,subject,name,tenantId,{},", *fields);
  for (auto& member : out) {
    if (wanted.find(fmt::format(",{},", std::string(member.key()))) != std::string::npos) {
      kept.emplace(member.key(), std::move(member.value()));
    }
  }
  return kept;
}

Problem no_such_user() { return missing("there is no such user", "USERS-7"); }

Answer page(Call& call, std::optional<std::string> filter) {
  // A filter looks at whole users, whatever fields the answer is cut down to.
  auto const whole = [&](ListItem const& item) { return shown(*call.tenant, item.id, *item.data); };
  auto items = items_of(call.table("users"));
  auto const text = filter ? *filter : std::string(call.parameter("filter").value_or(""));
  if (!text.empty()) {
    auto kept = filtered(std::move(items), text, kFilterable, whole);
    if (auto const* const problem = std::get_if<Problem>(&kept)) return *problem;
    items = std::move(std::get<0>(kept));
  }
  return list_page(
      call, kList, std::move(items),
      [&](ListItem const& item) { return render(call, item.id, *item.data); }, "");
}

Answer list(Call& call) { return page(call, std::nullopt); }

Answer filter(Call& call) {
  static Property const kProperties[] = {{.name = "filter"}};
  if (call.body.is_null()) call.body = Object();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  return page(call, text_at(call.body.get_object(), "filter"));
}

Answer count(Call& call) { return json_reply(200, {{"total", call.table("users").size()}}); }

Answer me(Call& call) {
  return redirect_reply(301, fmt::format("{}/api/v1/users/{}", call.origin, call.token->user_id));
}

Answer get(Call& call) {
  auto const* const user = call.table("users").find(call.id());
  if (user == nullptr) return no_such_user();
  return json_reply(200, render(call, user->id, user->data));
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "name", .length_max = 1024},
      {.name = "email", .length_max = 1024},
      {.name = "status", .values = {"invited", "active"}},
      {.name = "picture", .length_max = 2048},
      {.name = "subject", .use = Use::required, .length_min = 1, .length_max = 1024},
      {.name = "tenantId"},
      {.name = "assignedRoles", .type = Type::any}};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  if (body.contains("tenantId") && text_at(body, "tenantId") != call.tenant->id) {
    return forbidden("tenantId is another tenant");
  }
  auto const status = body.contains("status") ? text_at(body, "status") : "active";
  if (status == "invited" && text_at(body, "email").empty()) {
    return invalid("/email", "is required for an invitation");
  }
  Array roles;
  if (auto const* const references = find(body, "assignedRoles")) {
    auto read = read_roles(*call.tenant, *references, "/assignedRoles");
    if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
    roles = std::move(std::get<0>(read));
  }
  auto& users = call.table("users");
  auto const subject = text_at(body, "subject");
  if (users.find_by_key(subject) != nullptr) {
    return conflict("/subject", "a user with this subject exists");
  }
  auto data = new_user(call.world, subject, body.contains("name") ? text_at(body, "name") : subject,
                       status);
  data["_roles"] = std::move(roles);
  for (auto const* const name : {"email", "picture"}) {
    if (auto const* const value = find(body, name)) data[name] = *value;
  }
  if (status == "invited") data["inviteExpiry"] = invite_expiry(call.world);
  auto const& user = users.insert(call.new_id(users), std::move(data));
  return json_reply(201, render(call, user.id, user.data));
}

Refusal change_list(Array& list, std::string const& op, Array const& ids,
                    std::string const& pointer) {
  if (op == "replace" || op == "set") {
    list = ids;
    return std::nullopt;
  }
  for (auto const& id : ids) {
    auto const at = std::ranges::find(list, id);
    if (op == "add") {
      if (at == list.end()) list.push_back(id);
    } else if (at == list.end()) {
      return invalid(pointer, "the user does not have it");
    } else {
      list.erase(at);
    }
  }
  return std::nullopt;
}

/// Ids of groups given as {"id"} or {"name", "providerType"}.
std::variant<Array, Problem> read_groups(Tenant const& tenant, Value const& references,
                                         std::string const& pointer) {
  Array ids;
  auto const* const list = references.if_array();
  if (list == nullptr) return invalid(pointer, "must be an array of groups");
  for (auto const& item : *list) {
    auto const* const object = item.if_object();
    if (object == nullptr) return invalid(pointer, "each group must be an object");
    auto const& groups = tenant.table("groups");
    auto const* const group =
        object->contains("id")
            ? groups.find(text_at(*object, "id"))
            : groups.find_by_key(fmt::format("{}\n{}", text_at(*object, "providerType"),
                                             text_at(*object, "name")));
    if (group == nullptr) return invalid(pointer, "there is no such group");
    ids.emplace_back(group->id);
  }
  return ids;
}

Refusal patch_groups(Tenant const& tenant, PatchOperation const& op, Object& draft) {
  auto const pointer = op.pointer + "/value";
  Value const references = op.value.is_object() ? Value(Array{op.value}) : op.value;
  auto read = read_groups(tenant, references, pointer);
  if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
  auto const& ids = std::get<0>(read);
  auto& list = draft["_groups"].as_array();
  auto const before = list;
  if (op.op == "add" && std::ranges::any_of(ids, [&](Value const& id) {
        return std::ranges::find(before, id) != before.end();
      })) {
    return invalid(pointer, "the user is in the group already");
  }
  if (auto refusal = change_list(list, op.op, ids, pointer)) return refusal;
  auto const changed = [&](Array const& from, Array const& to) {
    return std::ranges::any_of(from, [&](Value const& id) {
      auto const* const group = tenant.table("groups").find(std::string_view(id.as_string()));
      return std::ranges::find(to, id) == to.end() && group != nullptr &&
             text_at(group->data, "providerType") == "idp";
    });
  };
  if (changed(before, list) || changed(list, before)) {
    return invalid(pointer, "memberships of idp groups cannot be changed");
  }
  return std::nullopt;
}

Refusal patch_user(Call const& call, PatchOperation const& op, Object& draft) {
  auto const pointer = op.pointer + "/value";
  if (op.path.starts_with("/assignedRoles")) {
    Value const references = op.value.is_object() ? Value(Array{op.value}) : op.value;
    auto read = read_roles(*call.tenant, references, pointer);
    if (auto const* const problem = std::get_if<Problem>(&read)) return *problem;
    return change_list(draft["_roles"].as_array(), op.op, std::get<0>(read), pointer);
  }
  if (op.path.starts_with("/assignedGroups")) return patch_groups(*call.tenant, op, draft);
  if (op.path == "/inviteExpiry") {
    draft["inviteExpiry"] = invite_expiry(call.world);
    return std::nullopt;
  }
  auto const attribute = op.path == "/preferredZoneInfo" ? "preferredZoneinfo" : op.path.substr(1);
  if (op.op == "unset") {
    auto const at = draft.find(attribute);
    if (at != draft.end()) draft.stable_erase(at);
    return std::nullopt;
  }
  Property const text{.length_max = 1024,
                      .values = op.path == "/status"
                                    ? std::vector<std::string_view>{"active", "disabled"}
                                    : std::vector<std::string_view>()};
  if (auto refusal = check_value(op.value, text, pointer)) return refusal;
  draft[attribute] = op.value;
  return std::nullopt;
}

bool is_last_admin(Call const& call, std::string_view id) {
  auto const* const role = call.table("roles").find_by_key("TenantAdmin");
  return std::ranges::none_of(call.table("users").rows(), [&](auto const& entry) {
    return entry.second.id != id && lists_id(find(entry.second.data, "_roles"), role->id);
  });
}

Answer patch(Call& call) {
  static Property const kAny{.type = Type::any};
  static PatchPath const kPaths[] = {{"/name", "replace set", kAny},
                                     {"/email", "replace set", kAny},
                                     {"/status", "replace set", kAny},
                                     {"/preferredLocale", "replace set unset", kAny},
                                     {"/preferredZoneinfo", "replace set unset", kAny},
                                     {"/preferredZoneInfo", "replace set unset", kAny},
                                     {"/inviteExpiry", "replace renew", kAny},
                                     {"/assignedRoles", "replace set remove-value", kAny},
                                     {"/assignedRoles/-", "add", kAny},
                                     {"/assignedGroups", "replace set remove-value", kAny},
                                     {"/assignedGroups/-", "add", kAny}};
  auto const* const user = call.table("users").find(call.id());
  if (user == nullptr) return no_such_user();
  auto draft = user->data;
  auto const refusal = apply_patch(
      call.body, kPaths, [&](PatchOperation const& op) { return patch_user(call, op, draft); });
  if (refusal) return *refusal;
  auto const* const role = call.table("roles").find_by_key("TenantAdmin");
  if (lists_id(find(user->data, "_roles"), role->id) &&
      !lists_id(find(draft, "_roles"), role->id) && is_last_admin(call, user->id)) {
    return invalid("", "the tenant would have no TenantAdmin");
  }
  draft["lastUpdatedAt"] = call.world.stamp();
  call.table("users").update(call.id(), std::move(draft));
  return empty_reply(204);
}

Answer remove(Call& call) {
  auto const* const user = call.table("users").find(call.id());
  if (user == nullptr) return no_such_user();
  if (user->id == call.token->user_id) return invalid("", "one cannot delete oneself");
  if (is_last_admin(call, user->id)) return invalid("", "the tenant would have no TenantAdmin");
  remove_assignments_to(*call.tenant, call.id());
  call.table("users").erase(call.id());
  return empty_reply(204);
}

std::string subject_of(Object const& data) { return text_at(data, "subject"); }

Object show(Tenant const& tenant, Row const& row) { return shown(tenant, row.id, row.data); }

}  // namespace

Object new_user(World const& world, std::string_view subject, std::string_view name,
                std::string_view status) {
  auto const time = world.stamp();
  return {{"subject", subject},    {"name", name},      {"status", status},  {"createdAt", time},
          {"lastUpdatedAt", time}, {"_roles", Array()}, {"_groups", Array()}};
}

std::int64_t invite_expiry(World const& world) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             (world.now() + kInviteLife).time_since_epoch())
      .count();
}

std::string bot_user(World& world, Tenant& tenant, std::string_view client_id,
                     std::string_view name) {
  auto& users = tenant.table("users");
  auto const subject = fmt::format("qlikbot\\{}", client_id);
  if (auto const* const known = users.find_by_key(subject)) return known->id;
  auto id = world.hex_id(24);
  while (users.find(id) != nullptr) id = world.hex_id(24);
  auto data = new_user(world, subject, name, "active");
  data["clientId"] = client_id;
  data["_roles"] = Array{Value(tenant.table("roles").find_by_key("TenantAdmin")->id)};
  users.insert(id, std::move(data));
  return id;
}

Kind users_kind() {
  constexpr std::string_view kAll = "/api/v1/users", kOne = "/api/v1/users/{userId}";
  constexpr Tier kFilterTier{"users/actions/filter", 200};
  return {.errors = {.status = StatusForm::number},
          .tables = {{"users", subject_of, show}},
          .routes = {{"GET", kAll, list},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", "/api/v1/users/me", me},
                     {"GET", "/api/v1/users/actions/count", count},
                     {"POST", "/api/v1/users/actions/filter", filter, kFilterTier, Access::user,
                      BodyKind::optional_json},
                     {"GET", kOne, get},
                     {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}}};
}

}  // namespace tenantry::emulator
