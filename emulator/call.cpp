#include "emulator/call.hpp"

#include <algorithm>

namespace tenantry::emulator {

std::optional<std::string_view> Call::parameter(std::string_view name) const {
  auto const at = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (at == query.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

Object Call::self_link(std::string_view path_of_object) const {
  return {{"self", {{"href", origin + std::string(path_of_object)}}}};
}

std::string Call::new_id(Table const& table) const {
  auto id = world.hex_id(24);
  while (table.find(id) != nullptr) id = world.hex_id(24);
  return id;
}

Object public_part(Object const& data) {
  Object out;
  out.reserve(data.size());
  for (auto const& member : data) {
    if (!member.key().starts_with('_')) out.emplace(member.key(), member.value());
  }
  return out;
}

namespace {

bool has(Object const& data, std::string_view list, std::string_view id) {
  auto const* const member = find(data, list);
  auto const* const ids = member == nullptr ? nullptr : member->if_array();
  return ids != nullptr && std::ranges::any_of(*ids, [&](Value const& value) {
           return value.is_string() && std::string_view(value.get_string()) == id;
         });
}

}  // namespace

bool user_has_role(Tenant const& tenant, std::string_view user_id, std::string_view role_name) {
  auto const* const role = tenant.table("roles").find_by_key(role_name);
  auto const* const user = tenant.table("users").find(user_id);
  if (role == nullptr || user == nullptr) return false;
  if (has(user->data, "_roles", role->id)) return true;
  auto const* const settings = tenant.table("groupSettings").find("settings");
  if (settings != nullptr && has(settings->data, "_everyone", role->id)) return true;
  auto const* const groups = find(user->data, "_groups");
  if (groups == nullptr) return false;
  return std::ranges::any_of(groups->as_array(), [&](Value const& id) {
    auto const* const group = tenant.table("groups").find(std::string_view(id.as_string()));
    return group != nullptr && has(group->data, "_roles", role->id);
  });
}

}  // namespace tenantry::emulator
