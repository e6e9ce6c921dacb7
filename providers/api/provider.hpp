// The platform as a whole: hosts, sign-in, and the one kind that lives outside of a tenant.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "providers/api/resource_type.hpp"

namespace tenantry {

/// How to sign in: a client id and secret, or an API key.
struct Credential {
  Secret client_id;
  Secret client_secret;
  Secret api_key;
  bool operator==(Credential const&) const = default;
};

/// One region as the provider needs it; secrets resolved.
struct RegionAccess {
  std::string region;  ///< "eu", as in register.eu.qlikcloud.com
  Credential credential;
  std::string endpoint;  ///< see http::Route
  std::string ca_file;
  bool rate_limits = true;
  /// Tried in this order where the one before is not accepted: while a client is exchanged for
  /// another, either works.
  std::vector<Credential> fallbacks = {};
};

struct OrganizationAccess {
  Credential credential;
  std::string subscription_id;  ///< sent as filter where not empty
  std::string endpoint;
  std::string ca_file;
  bool rate_limits = true;
};

struct PlatformAccess {
  std::map<std::string, RegionAccess> regions;
  std::optional<OrganizationAccess> organization;
};

/// A row of the organization's tenant list.
struct TenantListing {
  RemoteId id;
  std::string name;
  std::vector<std::string> hostnames;  ///< [0] system host name, [1] alias if set
  std::string region;
  std::string status;
  std::string created_at;
  std::string created_by;
  std::string license_number;
  std::string datacenter;
};

/// What a tenant is known by after it was created or read.
struct TenantObject {
  RemoteId id;
  std::string hostname;  ///< system host name
  std::string alias;     ///< label only; empty when none is set
  std::string status;    ///< "active", "disabled", ...
  std::string region;
  std::string datacenter;
  Object attributes;  ///< in the shapes of the tenant's schema (name, alias, settings' flags)
  std::optional<WallTime> server_time;
};

struct Deactivation {
  std::string status;
  std::string purge_date;  ///< RFC 3339, as the server estimates it
};

/// The tenant itself: created, deactivated and reactivated on the register host, read and updated
/// on its own.
class TenantType {
 public:
  virtual ~TenantType() = default;
  virtual Schema const& schema() const = 0;
  /// POST /api/v1/tenants. Not idempotent: a lost answer leaves a tenant nobody knows of.
  virtual Task<TenantObject> create(Session& registration, Secret license_key,
                                    std::string datacenter) const = 0;
  /// By id where it is known (one call); by /tenants/me otherwise.
  virtual Task<TenantObject> read(Session& tenant, RemoteId id) const = 0;
  virtual Task<void> update(Session& tenant, RemoteId id, std::string region,
                            Object changed) const = 0;
  virtual Task<Deactivation> deactivate(Session& registration, RemoteId id, std::string hostname,
                                        std::optional<int> purge_after_days) const = 0;
  virtual Task<void> reactivate(Session& registration, RemoteId id, std::string hostname) const = 0;
  /// Every tenant of the organization, all pages.
  virtual Task<std::vector<TenantListing>> list(Session& organization,
                                                std::string subscription_id) const = 0;
};

/// Open connections to all hosts of a run. Sessions are cached per host and live as long as this.
class Platform {
 public:
  virtual ~Platform() = default;
  /// `own` replaces the region's credential for this host.
  virtual Session& tenant(std::string const& region, std::string const& hostname,
                          std::optional<Credential> const& own = std::nullopt) = 0;
  virtual Session& registration(std::string const& region) = 0;
  virtual Session* organization() = 0;  ///< nullptr where none is configured
  /// Calls made so far.
  virtual std::size_t calls() const = 0;
  /// First Ctrl-C: waits and retries end with Errc::cancelled, running exchanges go on.
  virtual void stop() = 0;
  /// Second Ctrl-C, or the grace period is over: running exchanges end too.
  virtual void abort() = 0;
};

/// The registry of kinds, given to the engine by the command line.
class Provider {
 public:
  virtual ~Provider() = default;
  /// Every kind but the tenant, in the order in which people expect them to be listed.
  virtual std::vector<ResourceType const*> const& types() const = 0;
  virtual TenantType const& tenant() const = 0;
  ResourceType const* find(std::string_view section) const;
  /// Schemas of all kinds, the tenant's first.
  std::vector<Schema const*> schemas() const;
};

}  // namespace tenantry
