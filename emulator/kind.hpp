// What a kind of the API is to the emulator: its tables, its routes, what a new tenant has of it.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "emulator/problem.hpp"
#include "emulator/table.hpp"

namespace tenantry::emulator {

class World;
struct Tenant;
struct Call;

using Handler = Answer (*)(Call& call);

/// A rate limit of the contract (`x-rate-limit`). Calls of one name share one window.
struct Tier {
  std::string_view name;
  unsigned per_minute;
};
inline constexpr Tier kTier1{"1", 1000};
inline constexpr Tier kTier2{"2", 100};

enum class HostKind { tenant, region, console };  ///< region: the register host

enum class Access {
  open,   ///< no token
  user,   ///< any token of the host
  admin,  ///< role TenantAdmin, and scope admin_classic or that of the route
  scope,  ///< the scope of the route
};

enum class BodyKind { none, json, optional_json, json_or_form, bytes };

struct Route {
  std::string_view method;
  std::string_view path;  ///< "/api/v1/groups/{groupId}"; a literal segment wins over a parameter
  Handler handler = nullptr;
  Tier tier = kTier1;
  Access access = Access::user;
  BodyKind body = BodyKind::none;
  std::string_view scope = {};
  HostKind host = HostKind::tenant;
  std::optional<ErrorForm> errors_400 = {};  ///< of a 400, where it is not the kind's
  std::size_t body_bytes_max = 500'000;
};

struct TableSpec {
  std::string_view name;  ///< in the data file and the snapshot
  Table::KeyOf key_of = nullptr;
  /// How an object is shown in the snapshot; null: its public part and its id.
  Object (*show)(Tenant const& tenant, Row const& row) = nullptr;
  bool in_snapshot = true;  ///< false: history, of which a snapshot that is compared tells nothing
};

struct Kind {
  ErrorForm errors;
  std::vector<TableSpec> tables = {};
  std::vector<Route> routes = {};
  /// Puts into a new tenant what it has from the start. May be null.
  void (*seed)(World& world, Tenant& tenant) = nullptr;
};

/// Every kind, in the order in which a new tenant is seeded. To add one: its file, and its line in
/// kinds.cpp.
std::vector<Kind> const& kinds();

}  // namespace tenantry::emulator
