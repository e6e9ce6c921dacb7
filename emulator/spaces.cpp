// /api/v1/spaces: shared, managed and data spaces. Their assignments are in space_assignments.cpp.
#include "emulator/spaces.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/body.hpp"
#include "emulator/di_projects.hpp"
#include "emulator/listing.hpp"
#include "engine/core/text.hpp"

namespace tenantry::emulator {
namespace {

constexpr std::size_t kNameMax = 256;
constexpr std::string_view kForbiddenInNames = "\"*?<>/|\\:";
constexpr std::string_view kTypes[] = {"data", "shared", "managed"};

constexpr std::string_view kSharedRoles[] = {"codeveloper", "consumer", "dataconsumer",
                                             "facilitator", "producer"};
constexpr std::string_view kManagedRoles[] = {"basicconsumer", "consumer",    "contributor",
                                              "dataconsumer",  "facilitator", "operator",
                                              "publisher"};
constexpr std::string_view kDataRoles[] = {"consumer", "dataconsumer", "datapreview", "facilitator",
                                           "operator", "producer",     "publisher"};

constexpr std::string_view kSortable[] = {"type", "name", "createdAt"};
ListSpec const kList{.limit_default = 10, .sortable = kSortable, .meta_count = true};

Property const kName{.name = "name", .use = Use::required, .length_min = 1, .length_max = kNameMax};
Property const kDescription{.name = "description"};
Property const kOwner{.name = "ownerId"};

Table& spaces_of(Call const& call) { return call.table("spaces"); }

bool is_admin(Call const& call) {
  return user_has_role(*call.tenant, call.token->user_id, "TenantAdmin");
}

bool lists(Array const& texts, std::string_view text) {
  return std::ranges::find(texts, Value(text)) != texts.end();
}

/// What the caller may do with a space.
Array actions_of(Call const& call, Row const& space, Array const& roles) {
  auto const is_owner = text_at(space.data, "ownerId") == call.token->user_id;
  auto const manages = is_admin(call) || is_owner || lists(roles, "facilitator");
  Array actions;
  if (is_admin(call) || is_owner) actions.emplace_back("change_owner");
  if (manages || lists(roles, "producer") || lists(roles, "codeveloper")) {
    actions.emplace_back("create");
  }
  actions.emplace_back("read");
  if (manages) {
    actions.emplace_back("update");
    actions.emplace_back("delete");
  }
  if (text_at(space.data, "type") == "managed" && lists(roles, "publisher")) {
    actions.emplace_back("publish");
  }
  return actions;
}

Object render(Call const& call, Row const& space) {
  auto out = public_part(space.data);
  out["id"] = space.id;
  out["tenantId"] = call.tenant->id;
  Array assignable;
  for (auto const role : space_roles(text_at(space.data, "type"))) assignable.emplace_back(role);
  auto roles = caller_roles(call, space);
  auto actions = actions_of(call, space, roles);
  out["meta"] = Object{{"actions", std::move(actions)},
                       {"roles", std::move(roles)},
                       {"assignableRoles", std::move(assignable)}};
  auto const path = fmt::format("/api/v1/spaces/{}", space.id);
  auto links = call.self_link(path);
  links["assignments"] = Object{{"href", call.origin + path + "/assignments"}};
  out["links"] = std::move(links);
  return out;
}

/// True when `wanted`, a list with commas, is empty or has one of `texts`.
bool names_one_of(std::optional<std::string_view> wanted, Array const& texts) {
  if (!wanted) return true;
  auto const list = fmt::format(",{},", *wanted);
  return std::ranges::any_of(texts, [&](Value const& text) {
    return list.find(fmt::format(",{},", std::string_view(text.as_string()))) != std::string::npos;
  });
}

bool is_listed(Call const& call, Row const& space) {
  if (!can_see_space(call, space)) return false;
  auto const name = call.parameter("name");
  if (name && lower(text_at(space.data, "name")).find(lower(*name)) == std::string::npos) {
    return false;
  }
  auto const owner = call.parameter("ownerId");
  if (owner && text_at(space.data, "ownerId") != *owner) return false;
  if (!names_one_of(call.parameter("type"), Array{space.data.at("type")})) return false;
  auto const roles = caller_roles(call, space);
  if (!names_one_of(call.parameter("roles"), roles)) return false;
  if (call.parameter("action") && !lists(actions_of(call, space, roles), "publish")) return false;
  // No space of the emulator is linked to an environment.
  return !call.parameter("environmentId") && !call.parameter("environment.name");
}

Answer list(Call& call) {
  if (call.parameter("action").value_or("publish") != "publish") {
    return bad_parameter("action", "must be publish");
  }
  auto const& spaces = spaces_of(call);
  auto items = items_of(spaces);
  std::erase_if(items,
                [&](ListItem const& item) { return !is_listed(call, *spaces.find(item.id)); });
  return list_page(call, kList, std::move(items),
                   [&](ListItem const& item) { return render(call, *spaces.find(item.id)); });
}

Answer types(Call&) {
  Array data;
  for (auto const type : kTypes) data.emplace_back(type);
  return json_reply(200, {{"data", std::move(data)}});
}

Answer get(Call& call) {
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  return json_reply(200, render(call, *space));
}

/// A name is unique in the tenant, whatever the type of the space.
Refusal check_name(Call const& call, Value const& value, std::string_view own_id,
                   std::string pointer) {
  if (auto refusal = check_value(value, kName, pointer)) return refusal;
  std::string_view const name = value.get_string();
  if (name.find_first_of(kForbiddenInNames) != std::string_view::npos) {
    return invalid(std::move(pointer), fmt::format("none of {} can be used", kForbiddenInNames));
  }
  auto const* const other = spaces_of(call).find_by_key(name);
  if (other == nullptr || other->id == own_id) return std::nullopt;
  return conflict(std::move(pointer), "a space with this name exists");
}

Answer create(Call& call) {
  static Property const kProperties[] = {
      kName,
      {.name = "type", .use = Use::required, .values = {std::begin(kTypes), std::end(kTypes)}},
      kDescription};
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  if (auto refusal = check_name(call, body.at("name"), "", "/name")) return *refusal;
  auto const time = call.world.stamp();
  auto& spaces = spaces_of(call);
  auto const& space =
      spaces.insert(call.new_id(spaces), {{"name", body.at("name")},
                                          {"type", body.at("type")},
                                          {"description", text_at(body, "description")},
                                          {"ownerId", call.token->user_id},
                                          {"createdAt", time},
                                          {"createdBy", call.token->user_id},
                                          {"updatedAt", time}});
  return json_reply(201, render(call, space));
}

Refusal check_owner(Call const& call, Value const& value, std::string pointer) {
  if (auto refusal = check_value(value, kOwner, pointer)) return refusal;
  std::string_view const id = value.get_string();
  if (call.table("users").find(id) != nullptr) return std::nullopt;
  return invalid(std::move(pointer), "there is no such user");
}

/// Puts `draft` in the place of the space. A new owner needs no assignment any more.
Answer save(Call& call, Row const& space, Object draft) {
  auto const id = space.id;
  auto const owner = text_at(draft, "ownerId");
  draft["updatedAt"] = call.world.stamp();
  spaces_of(call).update(id, std::move(draft));
  remove_assignment(*call.tenant, id, owner);
  return json_reply(200, render(call, *spaces_of(call).find(id)));
}

Answer patch(Call& call) {
  static PatchPath const kPaths[] = {{"/name", "replace", {.type = Type::any}},
                                     {"/ownerId", "replace", {.type = Type::any}},
                                     {"/description", "replace", kDescription}};
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  auto draft = space->data;
  auto const refusal = apply_patch(call.body, kPaths, [&](PatchOperation const& op) -> Refusal {
    auto const pointer = op.pointer + "/value";
    if (op.path == "/name") {
      if (auto wrong = check_name(call, op.value, space->id, pointer)) return wrong;
    } else if (op.path == "/ownerId") {
      if (auto wrong = check_owner(call, op.value, pointer)) return wrong;
    }
    draft[op.path.substr(1)] = op.value;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  return save(call, *space, std::move(draft));
}

/// Full replacement: a description that is left out is gone. There is always a name and an owner.
Answer put(Call& call) {
  static Property const kProperties[] = {kName, kOwner, kDescription};
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  if (auto refusal = check_object(call.body, kProperties)) return *refusal;
  auto const& body = call.body.get_object();
  if (auto refusal = check_name(call, body.at("name"), space->id, "/name")) return *refusal;
  auto draft = space->data;
  if (auto const* const owner = find(body, "ownerId")) {
    if (auto refusal = check_owner(call, *owner, "/ownerId")) return *refusal;
    draft["ownerId"] = *owner;
  }
  draft["name"] = body.at("name");
  draft["description"] = text_at(body, "description");
  return save(call, *space, std::move(draft));
}

Answer remove(Call& call) {
  auto const* const space = find_space(call);
  if (space == nullptr) return no_such_space();
  if (has_projects(*call.tenant, space->id)) {
    return Problem{.status = 412, .detail = "the space has data integration projects"};
  }
  remove_assignments_in(*call.tenant, space->id);
  spaces_of(call).erase(call.id());
  return empty_reply(204);
}

std::string name_of(Object const& data) { return text_at(data, "name"); }

}  // namespace

std::span<std::string_view const> space_roles(std::string_view type) {
  if (type == "shared") return kSharedRoles;
  if (type == "managed") return kManagedRoles;
  if (type == "data") return kDataRoles;
  return {};
}

Row const* find_space(Call const& call) {
  auto const* const space = spaces_of(call).find(call.id());
  return space != nullptr && can_see_space(call, *space) ? space : nullptr;
}

Problem no_such_space() { return missing("there is no such space"); }

bool can_see_space(Call const& call, Row const& space) {
  return is_admin(call) || !caller_roles(call, space).empty();
}

Kind spaces_kind() {
  constexpr std::string_view kAll = "/api/v1/spaces", kOne = "/api/v1/spaces/{spaceId}";
  return {.errors = {.status = StatusForm::none, .source = false, .source_in_meta = true},
          .tables = {{"spaces", name_of}},
          .routes = {{"GET", kAll, list},
                     {"POST", kAll, create, kTier2, Access::admin, BodyKind::json},
                     {"GET", "/api/v1/spaces/types", types},
                     {"GET", kOne, get},
                     {"PUT", kOne, put, kTier2, Access::admin, BodyKind::json},
                     {"PATCH", kOne, patch, kTier2, Access::admin, BodyKind::json},
                     {"DELETE", kOne, remove, kTier2, Access::admin}}};
}

}  // namespace tenantry::emulator
