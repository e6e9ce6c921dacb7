// Everything that the emulator remembers: tenants and their tables, tokens, licences, its clock.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/changes.hpp"
#include "emulator/emulator.hpp"
#include "emulator/kind.hpp"
#include "emulator/rate_window.hpp"
#include "emulator/table.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"

namespace tenantry::emulator {

struct Tenant {
  std::string id;
  std::string region;
  Row const* row = nullptr;  ///< the tenant object; members that begin with '_' stay inside
  std::map<std::string, Table, std::less<>> tables;

  Object const& data() const { return row->data; }
  bool active() const { return text_at(data(), "status") == "active"; }
  Table& table(std::string_view name) { return tables.find(name)->second; }
  Table const& table(std::string_view name) const { return tables.find(name)->second; }
};

struct License {
  std::string key;
  std::string number;
  std::string subscription;
  std::optional<std::size_t> tenants_max;
};

/// A client on one host: whose calls are metered together.
struct Caller {
  std::map<std::string, RateWindow, std::less<>> windows;  ///< by tier
};

struct Token {
  std::string realm;  ///< the host that it is good for: see World::realm_of
  std::string client_id;
  std::string user_id;  ///< in the tenant; empty on register and console hosts
  std::vector<std::string> scopes;
  WallTime expires;
  std::shared_ptr<Caller> caller;

  bool has_scope(std::string_view scope) const;
};

class World {
 public:
  explicit World(Options const& options);

  /// Opens the data file, if there is one. Errors: those of Changes::open.
  Result<void> load();
  /// Back to the state of a fresh start, data file included.
  void reset();
  /// Makes everything that has changed since the last call durable.
  Result<void> commit() { return changes_.commit(); }

  WallTime now() const { return clock_.wall() + offset_; }
  SteadyTime steady() const { return clock_.steady() + offset_; }
  std::string stamp() const { return format_time_millis(now()); }
  /// Moves the clock: token expiry, purge dates, rate windows.
  void advance(std::chrono::seconds by);

  Random& random() { return *random_; }
  std::string hex_id(std::size_t digits) { return random_->hex(digits / 2); }
  /// 32 characters, the form of tenant ids.
  std::string long_id();

  /// Creates a tenant with a generated host name, and seeds it.
  Tenant& create_tenant(std::string region, std::string datacenter, License const& license,
                        std::string created_by);
  Tenant* find_tenant(std::string_view id);
  Tenant const& tenant(std::string_view id) const { return *tenants_.find(id)->second; }
  /// By system host name or alias, in lower case.
  Tenant* find_host(std::string_view hostname);
  /// Puts `data` in the place of the tenant object.
  void update_tenant(Tenant& tenant, Object data);
  /// Removes the tenants whose purge date has come.
  void purge_due();
  Table const& tenants() const { return tenant_rows_; }

  /// The licence of a key, if it is one.
  static std::optional<License> license(std::string_view key);
  std::size_t tenants_of(License const& license) const;
  /// Users' assignments of all licences. They outlive a tenant's purge.
  Table& assignments() { return assignment_rows_; }
  Table const& assignments() const { return assignment_rows_; }

  /// True when `id` is a region-level and organization-level client of the emulator.
  bool is_platform_client(std::string_view id) const;
  bool platform_secret_fits(std::string_view id, std::string_view secret) const;

  /// The clients that were published in a region: client id to the tenant that owns it.
  Tenant* owner_of_published(std::string_view region, std::string_view client_id);
  void publish(std::string_view region, std::string_view client_id, Tenant const& owner);
  void unpublish(std::string_view region, std::string_view client_id);

  /// "register.eu", "console", or a tenant's id.
  static std::string realm_of(HostKind kind, std::string_view region, Tenant const* tenant);
  /// Makes the token known and gives its text.
  std::string issue(Token token);
  /// The token, unless it is unknown or has expired.
  Token const* find_token(std::string_view text);
  std::shared_ptr<Caller> caller(std::string_view realm, std::string_view client_id);
  /// Counts a call; refuses it with 429 when the tier is exhausted.
  Refusal meter(Caller& caller, Tier const& tier) const;

 private:
  Tenant& adopt(Row const& row);
  void restore(StoredObject object);
  void index_hosts(Tenant& tenant);
  void remember_clock();

  std::vector<ClientCredential> clients_;
  std::optional<std::filesystem::path> data_file_;
  std::uint64_t seed_;
  RateLimits rate_limits_;
  std::chrono::seconds rate_window_;
  SystemClock system_clock_;
  Clock const& clock_;
  std::chrono::seconds offset_{0};
  std::uint64_t runs_ = 0;
  std::unique_ptr<Random> random_;
  Changes changes_;
  Table tenant_rows_;
  Table assignment_rows_;
  ByText<std::unique_ptr<Tenant>> tenants_;
  ByText<Tenant*> hosts_;
  ByText<std::size_t> per_license_;
  ByText<std::string> published_;  ///< "region/client id" to tenant id
  std::set<std::pair<WallTime, std::string>> purges_;
  ByText<Token> tokens_;  ///< by the SHA-256 of their text
  std::multimap<WallTime, std::string> expiries_;
  ByText<std::shared_ptr<Caller>> callers_;
};

}  // namespace tenantry::emulator
