// /api/v1/spaces/{spaceId}/assignments: who has which roles in a space.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/listing.hpp"
#include "emulator/spaces.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::string_view kTable = "spaceAssignments";
constexpr std::string_view kAssigneeTypes[] = {"user", "group", "bot"};
constexpr std::string_view kEveryone = "000000000000000000000001";

ListSpec const kList{.limit_default = 10, .sort_default = "createdAt", .meta_count = true};

Property const kRoles{.name = "roles", .type = Type::texts, .use = Use::required};

std::string key(std::string_view space_id, std::string_view assignee_id) {
  return fmt::format("{}\n{}", space_id, assignee_id);
}

std::string key_of(Object const& data) {
  return key(text_at(data, "spaceId"), text_at(data, "assigneeId"));
}

Object render(Call const& call, std::string_view id, Object const& data) {
  auto out = public_part(data);
  out["id"] = id;
  out["tenantId"] = call.tenant->id;
  auto const space = fmt::format("/api/v1/spaces/{}", text_at(data, "spaceId"));
  auto links = call.self_link(fmt::format("{}/assignments/{}", space, id));
  links["space"] = Object{{"href", call.origin + space}};
  out["links"] = std::move(links);
  return out;
}

/// The assignment of the path, in the space of the path.
Row const* find_assignment(Call const& call, Row const& space) {
  auto const* const row = call.table(kTable).find(call.args[1]);
  return row != nullptr && text_at(row->data, "spaceId") == space.id ? row : nullptr;
}

Problem no_such_assignment() { return missing("there is no such assignment in the space"); }

Answer list(Call& call) {
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  auto const type = call.parameter("type");
  if (type && std::ranges::find(kAssigneeTypes, *type) == std::end(kAssigneeTypes)) {
    return bad_parameter("type", "must be one of user, group, bot");
  }
  auto const assignee = call.parameter("assigneeId");
  auto items = items_of(call.table(kTable));
  std::erase_if(items, [&](ListItem const& item) {
    return text_at(*item.data, "spaceId") != space->id ||
           (type && text_at(*item.data, "type") != *type) ||
           (assignee && text_at(*item.data, "assigneeId") != *assignee);
  });
  return list_page(call, kList, std::move(items),
                   [&](ListItem const& item) { return render(call, item.id, *item.data); });
}

Answer get(Call& call) {
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  auto const* const row = find_assignment(call, *space);
  if (row == nullptr) return no_such_assignment();
  return json_reply(200, render(call, row->id, row->data));
}

/// The roles, each once, where all of them can be given in the space.
std::variant<Array, Problem> read_roles_in(Row const& space, Value const& value) {
  auto const allowed = space_roles(text_at(space.data, "type"));
  Array roles;
  for (auto const& role : value.as_array()) {
    if (std::ranges::find(allowed, std::string_view(role.as_string())) == allowed.end()) {
      return invalid("/roles", fmt::format("a {} space has only the roles {}",
                                           text_at(space.data, "type"), fmt::join(allowed, ", ")));
    }
    if (std::ranges::find(roles, role) == roles.end()) roles.push_back(role);
  }
  if (roles.empty()) return invalid("/roles", "must have at least one role");
  return roles;
}

bool exists(Tenant const& tenant, std::string_view type, std::string_view id) {
  if (type == "group") return id == kEveryone || tenant.table("groups").find(id) != nullptr;
  auto const* const user = tenant.table("users").find(id);
  return user != nullptr && (type == "user" || user->data.contains("clientId"));
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      {.name = "type",
       .use = Use::required,
       .values = {std::begin(kAssigneeTypes), std::end(kAssigneeTypes)}},
      {.name = "assigneeId", .use = Use::required, .length_min = 1},
      kRoles};
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  auto roles = read_roles_in(*space, body.at("roles"));
  if (auto const* const problem = std::get_if<Problem>(&roles)) return *problem;
  auto const type = text_at(body, "type");
  auto const assignee = text_at(body, "assigneeId");
  if (!exists(*call.tenant, type, assignee)) {
    return missing(fmt::format("there is no such {}", type));
  }
  if (assignee == text_at(space->data, "ownerId")) {
    return conflict("/assigneeId", "the owner has all roles without an assignment");
  }
  auto& table = call.table(kTable);
  if (table.find_by_key(key(space->id, assignee)) != nullptr) {
    return conflict("/assigneeId", "the assignee has an assignment in this space already");
  }
  auto const time = call.world.stamp();
  auto const& row = table.insert(call.new_id(table), {{"type", type},
                                                      {"assigneeId", assignee},
                                                      {"roles", std::move(std::get<0>(roles))},
                                                      {"spaceId", space->id},
                                                      {"createdAt", time},
                                                      {"createdBy", call.token->user_id},
                                                      {"updatedAt", time},
                                                      {"updatedBy", call.token->user_id}});
  return json_reply(201, render(call, row.id, row.data));
}

/// Sets all roles: those that are left out are gone.
Answer put(Call& call) {
  static Property const kProperties[] = {kRoles};
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  auto const* const row = find_assignment(call, *space);
  if (row == nullptr) return no_such_assignment();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto roles = read_roles_in(*space, call.body.get_object().at("roles"));
  if (auto const* const problem = std::get_if<Problem>(&roles)) return *problem;
  auto draft = row->data;
  draft["roles"] = std::move(std::get<0>(roles));
  draft["updatedAt"] = call.world.stamp();
  draft["updatedBy"] = call.token->user_id;
  call.table(kTable).update(row->id, std::move(draft));
  return json_reply(200, render(call, row->id, row->data));
}

Answer remove(Call& call) {
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  auto const* const row = find_assignment(call, *space);
  if (row == nullptr) return no_such_assignment();
  call.table(kTable).erase(call.args[1]);
  return empty_reply(204);
}

/// Removes the assignments whose member `name` is `id`.
void remove_where(Tenant& tenant, std::string_view name, std::string_view id) {
  auto& table = tenant.table(kTable);
  std::vector<std::string> gone;
  for (auto const& [sequence, row] : table.rows()) {
    if (text_at(row.data, name) == id) gone.push_back(row.id);
  }
  for (auto const& assignment : gone) table.erase(assignment);
}

}  // namespace

Array caller_roles(Call const& call, Row const& space) {
  auto const& me = call.token->user_id;
  Array roles;
  if (text_at(space.data, "ownerId") == me) {
    for (auto const role : space_roles(text_at(space.data, "type"))) roles.emplace_back(role);
    return roles;
  }
  auto const* const user = call.table("users").find(me);
  auto const& table = call.table(kTable);
  auto const add = [&](std::string_view assignee) {
    auto const* const row = table.find_by_key(key(space.id, assignee));
    if (row == nullptr) return;
    for (auto const& role : row->data.at("roles").as_array()) {
      if (std::ranges::find(roles, role) == roles.end()) roles.push_back(role);
    }
  };
  add(me);
  add(kEveryone);
  auto const* const groups = user == nullptr ? nullptr : find(user->data, "_groups");
  if (groups == nullptr) return roles;
  for (auto const& group : groups->as_array()) add(std::string_view(group.as_string()));
  return roles;
}

void remove_assignments_to(Tenant& tenant, std::string_view assignee_id) {
  remove_where(tenant, "assigneeId", assignee_id);
}

void remove_assignments_in(Tenant& tenant, std::string_view space_id) {
  remove_where(tenant, "spaceId", space_id);
}

void remove_assignment(Tenant& tenant, std::string_view space_id, std::string_view assignee_id) {
  auto& table = tenant.table(kTable);
  auto const* const row = table.find_by_key(key(space_id, assignee_id));
  if (row != nullptr) table.erase(row->id);
}

Kind space_assignments_kind() {
  constexpr std::string_view kAll = "/api/v1/spaces/{spaceId}/assignments",
                             kOne = "/api/v1/spaces/{spaceId}/assignments/{assignmentId}";
  return {.errors = {.status = StatusForm::none, .source = false, .source_in_meta = true},
          .tables = {{kTable, key_of}},
          .routes = {{"GET", kAll, list},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", kOne, get},
                     {"PUT", kOne, put, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}}};
}

}  // namespace tenantry::emulator
