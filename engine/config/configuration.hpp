// The configuration: what the user wrote, checked, merged and expanded per tenant.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/former_keys.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/desired.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/secret.hpp"

namespace tenantry::config {

/// Whether regions, credentials and licences come from the files or from the embedded emulator.
enum class Target { qlik_cloud, emulated };

/// What the command line gives.
struct LoadOptions {
  std::filesystem::path folder = ".";                 ///< --chdir, where relative paths start
  std::vector<std::filesystem::path> paths;           ///< --config; empty: `folder` itself
  std::optional<std::filesystem::path> connections;   ///< --connections or TENANTRY_CONNECTIONS
  std::map<std::string, std::string> variables;       ///< --var k=v
  std::vector<std::filesystem::path> variable_files;  ///< --var-file, later wins
  /// Reads one environment variable; nothing when unset. Empty function: no environment.
  std::function<std::optional<std::string>(std::string const&)> environment;
  std::vector<Schema const*> schemas;  ///< the tenant's and every kind's
  Target target = Target::qlik_cloud;
};

/// A text that may hold sensitive variables, and where it was written.
struct CredentialText {
  Value text = nullptr;  ///< string or deferred; null when not written
  SourceRange where;
  bool written() const { return !text.is_null(); }
};

struct Credential {
  CredentialText client_id;
  CredentialText client_secret;
  CredentialText api_key;
};

struct Region {
  std::string key;
  SourceRange where;
  Credential credential;
  CredentialText license_key;
  std::string endpoint;  ///< empty: Qlik Cloud itself
  std::string ca_file;   ///< absolute; empty: none
  bool rate_limits = true;
  std::vector<Credential> fallbacks = {};  ///< the further entries of `clients`
};

struct Organization {
  SourceRange where;
  Credential credential;
  std::string subscription_id;
  std::string endpoint;
  std::string ca_file;
  bool rate_limits = true;
};

/// A count ("10") or a share ("2%") of something.
struct Limit {
  std::int64_t count = 0;  ///< when share is false
  double share = 0.0;      ///< of 1, when it is a share
  bool is_share = false;
  SourceRange where;
  /// The largest number that is allowed out of `total`.
  std::int64_t allowed(std::int64_t total) const;
};

enum class DriftMode { revert, report, ignore };

struct DriftRule {
  std::string pattern;  ///< glob of an address, or of address/attribute
  DriftMode mode = DriftMode::revert;
  SourceRange where;
};

struct Policy {
  std::optional<Limit> max_creates;      ///< tenants
  std::optional<Limit> max_deletes;      ///< resources
  std::optional<Limit> max_deactivates;  ///< tenants
  std::vector<DriftRule> drift;          ///< in written order; the last that matches counts
  /// How long a list may lag behind a create. Recovery believes that something is not there only
  /// after this.
  std::chrono::seconds list_delay{30};
  /// How long the state remembers what has ended.
  std::chrono::days history{400};
};

/// A step of a rollout: tenants that get a change together.
struct Wave {
  std::string name;
  std::map<std::string, std::string> blueprints;  ///< written -> used by the wave's tenants
  SourceRange where;
};

struct Rollout {
  std::vector<Wave> waves;  ///< in their order, at least one
  Limit max_failures;       ///< of a wave's tenants; none where it is not written
  /// Index of the wave of this name; of the last one for a tenant without a wave.
  std::size_t wave_of(std::string_view name) const;
};

/// A declared rename: what the state has under `from` belongs to `to`. The tenant may be `*`.
struct Moved {
  Address from;
  Address to;
  SourceRange where;
};

/// What is no longer managed, and stays live. The tenant may be `*`.
struct Removed {
  Address from;
  SourceRange where;
};

/// True where `pattern` of `moved` or `removed` means `address`.
bool means(Address const& pattern, Address const& address);

enum class TenantStatus { active, deactivated };

/// What is known of every tenant without expanding it.
struct TenantSummary {
  std::string key;
  std::string region;
  SourceRange where;
  std::string hostname;  ///< of a tenant that exists already; else empty
  std::string alias;     ///< label; may be empty
  TenantStatus status = TenantStatus::active;
  bool paused = false;
  std::string wave;   ///< as written: name of a rollout wave; empty: none, so the last
  std::string fleet;  ///< whose row it is; empty: written under `tenants`
};

/// What it means that the row of a tenant which the state knows is no longer there.
enum class MissingRow { error, deactivate };

/// Tenants that are the rows of a file.
struct Fleet {
  std::string key;
  SourceRange where;
  std::string file;  ///< as in messages
  MissingRow on_missing_row = MissingRow::error;
  std::size_t rows = 0;
};

/// A deactivated tenant is not to be purged yet: its countdown is restarted before it ends.
struct Hold {
  WallTime until;
  std::string reason;
  SourceRange where;
};

/// One tenant, merged and expanded.
struct Tenant {
  TenantSummary summary;
  std::optional<int> purge_after_days;
  std::optional<Hold> hold;
  std::optional<Credential> auth;          ///< a credential of its own
  CredentialText license_key;              ///< its own or its region's
  DesiredResource self;                    ///< attributes of the tenant's schema
  std::vector<DesiredResource> resources;  ///< sorted by address
  std::string digest;                      ///< of everything that is desired, secrets as names
  /// The merged YAML of the tenant as `render` shows it; deferred values inside. Made by
  /// expand_rendered and expand_as alone.
  Object rendered;
  /// Place of every value of `rendered` by JSON pointer.
  std::map<std::string, SourceRange> rendered_origins;
};

struct StateSettings {
  std::string backend = "local";  ///< "local" or "postgres"
  std::string path;               ///< of a local state; empty: default
  CredentialText dsn;             ///< of PostgreSQL
  SourceRange where;
};

/// Values of variables, read at their first use.
class Variables {
 public:
  virtual ~Variables() = default;
  /// The value of a sensitive variable. Errors: invalid, with the place of the variable and what to
  /// set, when its environment variable or file is missing.
  virtual Result<Secret> reveal(std::string const& name) const = 0;
  /// Where it is defined.
  virtual SourceRange where(std::string const& name) const = 0;
  /// Names of the environment variables that sensitive variables are read from.
  virtual std::vector<std::string> secret_environment() const = 0;
};

class Configuration {
 public:
  virtual ~Configuration() = default;
  virtual std::filesystem::path const& folder()
      const = 0;  ///< where relative results (state, sinks) go
  virtual std::map<std::string, Region> const& regions() const = 0;
  virtual std::optional<Organization> const& organization() const = 0;
  virtual Policy const& policy() const = 0;
  /// Nothing: all tenants at once.
  virtual std::optional<Rollout> const& rollout() const = 0;
  virtual StateSettings const& state() const = 0;
  virtual std::vector<Moved> const& moved() const = 0;
  virtual std::vector<Removed> const& removed() const = 0;
  /// The sections `variables`, `regions`, `organization` and `blueprints` as they are written, with
  /// their placeholders; without those of a connections file.
  virtual Object const& written() const = 0;
  virtual Variables const& variables() const = 0;
  /// Sorted by key.
  virtual std::vector<TenantSummary> const& tenants() const = 0;
  /// By key.
  virtual std::map<std::string, Fleet> const& fleets() const = 0;
  virtual FormerKeys const& former_keys() const = 0;
  /// Of all tenants, as load has counted them.
  virtual std::size_t resource_count() const = 0;
  /// One tenant, without `rendered`. `key` must be one of tenants(). Cheap enough to be done again:
  /// nothing is kept, so that memory is bounded by the tenants in flight.
  virtual Tenant expand(std::string_view key) const = 0;
  /// The same with `rendered` and its places.
  virtual Tenant expand_rendered(std::string_view key) const = 0;
  /// A tenant that is not declared, as if `body` were written under its key. Errors: invalid, with
  /// the first of what is wrong.
  virtual Result<Tenant> expand_as(std::string const& key, Object const& body) const = 0;
};

/// What load gives: a configuration where there is no error, and every message.
struct Loaded {
  std::shared_ptr<Configuration const> configuration;  ///< null when diagnostics have errors
  Diagnostics diagnostics;
};

/// Reads, merges and checks everything, every tenant included. Makes no network call and reads no
/// sensitive variable. All errors are reported together; a problem of a blueprint once, with the
/// number of tenants that have it. A configuration without `tenants` and `fleets` is an error,
/// `tenants: {}` is none. Files are named as the user would type them from `options.folder`.
Loaded load(LoadOptions const& options);

/// The text of `credential` with its variables revealed; empty when not written.
Result<Secret> reveal(CredentialText const& credential, Variables const& variables);

}  // namespace tenantry::config
