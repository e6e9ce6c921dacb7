// One request on its way through a handler.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/kind.hpp"
#include "emulator/world.hpp"

namespace tenantry::emulator {

struct Call {
  World& world;
  Request const& request;
  Route const* route = nullptr;
  std::string origin = {};  ///< "http://acme.eu.qlikcloud.com:8480": what links begin with
  std::string path = {};    ///< as sent, without the query
  std::vector<std::string> args = {};  ///< values of the path's parameters, from the left
  std::vector<std::pair<std::string, std::string>> query = {};
  HostKind host = HostKind::tenant;
  std::string region = {};       ///< of a register or tenant host
  Tenant* tenant = nullptr;      ///< on a tenant host
  Token const* token = nullptr;  ///< null where the access is open
  Value body = {};               ///< parsed, where the route has a JSON body; null: none was sent

  /// A query parameter; an empty one counts as not given.
  std::optional<std::string_view> parameter(std::string_view name) const;
  Table& table(std::string_view name) const { return tenant->table(name); }
  std::string const& id() const { return args.front(); }
  /// {"self": {"href": origin + path}}
  Object self_link(std::string_view path_of_object) const;
  /// A new id of 24 hex digits for `table`.
  std::string new_id(Table const& table) const;
};

/// `data` without the emulator's own members.
Object public_part(Object const& data);

/// True when the user has the role, by itself, by a group or by the group Everyone.
bool user_has_role(Tenant const& tenant, std::string_view user_id, std::string_view role_name);

}  // namespace tenantry::emulator
