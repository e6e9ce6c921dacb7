// What a plan is: for each tenant the changes, why, and what stops them.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/address.hpp"
#include "engine/core/diagnostic.hpp"
#include "engine/core/error.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/value.hpp"
#include "state/model.hpp"

namespace tenantry::plans {

enum class Action {
  no_op,
  create,
  update,
  replace,  ///< delete, then create
  delete_,
  adopt,       ///< exists live under the same natural key; taken over, with its updates
  deactivate,  ///< tenants
  reactivate,  ///< tenants
  release,     ///< attributes are no longer managed; nothing is called
  forget,      ///< leaves the state only
};
inline constexpr std::size_t kActionCount = 10;
/// "create", "delete", ...: what plan files, the journal and JSON use.
std::string_view name_of(Action action);
Result<Action> parse_action(std::string_view name);
/// "+", "~", "-/+", "-", ">", ... for the terminal.
std::string_view symbol_of(Action action);
/// True where carrying the action out makes a call; an adoption does only where attributes differ.
bool calls_api(Action action);

/// Why a change is there. Each has one sentence in docs/ and in `why`.
enum class Reason {
  none,
  not_in_state,             ///< declared, not owned, not live
  config_changed,           ///< the configuration moved since it was last applied
  drifted,                  ///< the live object moved since it was last applied
  config_and_drift,         ///< both
  gone,                     ///< owned, but no longer live: created again
  attribute_cannot_change,  ///< replaced because an attribute cannot be updated
  replace_requested,        ///< --replace
  no_longer_declared,       ///< in state, not in the configuration
  destroy_requested,        ///< destroy, plan --destroy
  adoption,                 ///< lifecycle.adopt, --adopt, or a tenant with `hostname`
  declared_deactivated,     ///< status: deactivated
  held,                     ///< `hold`: the countdown of a deactivated tenant is restarted
  tenant_removed,           ///< the tenant is no longer in the configuration
  declared_active_again,    ///< deactivated in state, active in the configuration
  purge_date_passed,        ///< a deactivated tenant that no longer exists
  attributes_released,      ///< attributes are no longer written
  secret_due,               ///< a secret is rotated, or an old one retired
};
std::string_view name_of(Reason reason);
Result<Reason> parse_reason(std::string_view name);

/// One attribute of a change. Values are in the schema's shapes, references as texts.
struct AttributeChange {
  std::string name;
  Value before = nullptr;        ///< live; null when it has none
  Value after = nullptr;         ///< wanted; may be deferred
  Value last_applied = nullptr;  ///< what we wanted when we last wrote it; null when never
  bool config_changed = false;   ///< `after` differs from `last_applied`
  bool drifted = false;          ///< `before` differs from `last_applied`
  bool sensitive = false;        ///< before and after must be masked
  bool forces_replace = false;
  bool unordered = false;  ///< a set: shown as elements added and removed
  SourceRange where;       ///< the YAML that says so
};

/// A rule that stops a change until it is acknowledged (or the rule is lifted).
struct GuardHit {
  std::string rule;           ///< "preventDestroy", "policy.maxDeletes", "allow-deactivate", ...
  std::string message;        ///< one line
  std::string hint;           ///< how to go on
  bool acknowledged = false;  ///< let through by --acknowledge or --allow-deactivate
};

struct Change {
  Address address;
  std::string type;  ///< Terraform's resource type, "qlik_groups"
  Action action = Action::no_op;
  Reason reason = Reason::none;
  std::string reason_detail;  ///< "`appType` cannot change", may be empty
  std::string name;           ///< natural key, for people
  RemoteId id;                ///< of the live object; empty for a create
  Object before;              ///< live attributes of the schema; empty for a create
  Object after;               ///< desired attributes (only those written); may be deferred
  Object meta;                ///< Use::meta attributes of the declared resource
  std::vector<AttributeChange> attributes;  ///< those that differ, in the schema's order
  std::vector<AttributeChange> released;    ///< no longer written; `before` is what stays behind
  std::vector<AttributeChange>
      drift_only;  ///< reported, not reverted (policy.drift, ignoreChanges)
  /// Attributes whose live value stays although it differs (drift that policy.drift lets be): the
  /// record keeps what it knew of them. In `after` they have their live value.
  std::vector<std::string> left_alone;
  /// Lists of which only some elements are ours, and these elements: {"assignedRoles": [...]}. In
  /// `after` such a list is whole: what others put there stays.
  Object parts;
  std::vector<std::string> notes;  ///< what it does besides, a sentence each
  bool destructive = false;        ///< guarded and counted like a delete, whatever the action
  std::vector<Address> depends_on;
  SourceRange where;             ///< the block in the YAML, or unknown when it is gone
  bool prevent_destroy = false;  ///< to be recorded in state
  std::string updated_at;        ///< who and when of the live object, where the API tells
  std::string updated_by;
  std::optional<GuardHit> guard;
  /// Attribute -> "salt:digest" of a secret value that is to be sent, for noticing its change; the
  /// record keeps them. In `after` a secret is a deferred value that names its variable, or
  /// withheld() where the YAML holds it literally.
  Object secrets;

  bool changes_something() const { return action != Action::no_op; }
};

/// True for what people are told: it changes something, is moved, or its drift is reported.
bool is_shown(Change const& change);

/// Identifies one change for --acknowledge: the same until what it would do changes. 12 hex digits.
std::string digest_of(Change const& change);

/// Calls that carrying out a plan will make, by tier.
struct Cost {
  int reads = 0;            ///< tier 1
  int writes = 0;           ///< tier 2, on the tenant's host
  int register_writes = 0;  ///< tier 2, on the register host
  Cost& operator+=(Cost const& other);
};

/// A row that goes by another address: of a resource, or of a tenant with all that is in it.
struct Move {
  Address from;
  Address to;
  bool operator==(Move const&) const = default;
};

/// A step of a rollout.
struct Wave {
  std::string name;
  std::int64_t tenants = 0;       ///< that belong to it in the whole fleet
  std::int64_t failures_max = 0;  ///< tenants that may fail; past it the rollout stops
  bool operator==(Wave const&) const = default;
};

struct TenantPlan {
  std::string key;
  std::string wave = {};  ///< name of one of Plan::waves; empty where there is none
  std::string region;
  std::string hostname;       ///< system host name; empty while it does not exist
  RemoteId id;                ///< likewise
  std::int64_t serial = 0;    ///< of the state it was made from
  std::string config_digest;  ///< of the configuration it was made from; empty when removed
  /// The state says that just this configuration was applied as a whole. Not in a saved plan.
  bool is_marked_applied = false;
  /// In the order of addresses, no-ops included unless they are counted in `unchanged`.
  std::vector<Change> changes;
  std::size_t unchanged = 0;         ///< resources that stay as they are and are not in `changes`
  bool is_itself_unchanged = false;  ///< the same of the tenant's own attributes
  /// --changed did not look at the tenant: its configuration is the one that was applied last. Such
  /// tenants are counted in Plan::passed_over, and not listed.
  bool passed_over = false;
  std::optional<Error> error;  ///< the tenant could not be planned; then there are no changes
  bool paused = false;
  bool partial = false;   ///< --target or --exclude left out changes
  bool refreshed = true;  ///< false: planned against state alone
  /// Rows to store when the plan is applied, without any call: learned forms, moved protections.
  /// Not in a saved plan.
  std::vector<state::ResourceRecord> learned;
  /// Declared renames of rows, made before anything else when the plan is applied. Where the tenant
  /// itself moves, `serial` is that of the state under its former key.
  std::vector<Move> moves = {};
  Cost cost;
  std::vector<Diagnostic> warnings = {};  ///< of planning; they end up in Plan::warnings

  /// Moves count: they change the state.
  bool has_changes() const;
  /// The key that the state knows the tenant by until the plan is applied.
  std::string const& former_key() const;
  /// A guard that is not acknowledged stops the whole tenant.
  bool stopped_by_guard() const;
  /// Nothing of it is carried out.
  void refuse(Error why);
};

/// What a plan tells of a tenant without its changes. Small: a fleet's are all in memory.
struct TenantSummary {
  std::string key;
  std::string_view wave;    ///< as TenantPlan::wave; the text is kept by the TenantPlans
  std::string_view region;  ///< likewise
  std::int64_t serial = 0;
  Cost cost;
  /// Changes of each action, by its number; those that are only counted are in `unchanged`.
  std::array<std::uint32_t, kActionCount> counts{};
  std::uint32_t unchanged = 0;  ///< with the tenant itself where that does not change
  std::uint32_t moves = 0;
  std::uint32_t drifted = 0;   ///< changes with drift that is only reported
  std::uint32_t deletes = 0;   ///< as GuardCounts counts them
  std::uint32_t existing = 0;  ///< resources of the tenant that are there already
  std::optional<Errc> error;   ///< why it could not be planned; the plan itself has the text
  bool creates_tenant : 1 = false;
  bool deactivates_tenant : 1 = false;
  bool destroys : 1 = false;      ///< a change that rules against removals may stop
  bool guarded : 1 = false;       ///< a change has a guard, acknowledged or not
  bool stopped : 1 = false;       ///< by a guard that is not acknowledged
  bool shown : 1 = false;         ///< a change is_shown
  bool live_differs : 1 = false;  ///< something live is not as it was last applied
  bool takes_alias : 1 = false;   ///< the tenant gets another alias, or its first
  bool gives_alias : 1 = false;   ///< the tenant has an alias that changes
  bool learns : 1 = false;        ///< there are rows to store without a call
  bool configured : 1 = false;    ///< it has a digest of its configuration
  bool is_marked_applied : 1 = false;
  bool passed_over : 1 = false;
  bool paused : 1 = false;
  bool partial : 1 = false;

  /// Of a plan as it is. `wave` and `region` refer to it.
  static TenantSummary of(TenantPlan const& plan);
  std::uint32_t count(Action action) const { return counts[static_cast<std::size_t>(action)]; }
  std::uint32_t changes() const;  ///< that change something
  /// Moves count: they change the state.
  bool has_changes() const { return moves > 0 || changes() > 0; }
  bool stopped_by_guard() const { return stopped; }
};

class Spool;

/// Where something is in a Spool.
struct SpoolPlace {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;  ///< bytes; none: it was never there
};

/// The tenants of a plan. Iterating gives summaries; a tenant with its changes is read one at a
/// time: a whole fleet of them need not fit in memory.
///
///     for (TenantSummary const& tenant : plan.tenants) { ... }
///     auto const done = plan.tenants.for_each([&](TenantPlan const& tenant) { ... });
///     if (!done) return done.error();
///
/// Errors of all of these: io, of a temporary file.
class TenantPlans {
 public:
  TenantPlans();
  TenantPlans(std::initializer_list<TenantPlan> plans);
  /// That many, to be filled by put().
  explicit TenantPlans(std::size_t count);

  std::size_t size() const { return summaries_.size(); }
  bool empty() const { return summaries_.empty(); }
  TenantSummary const& operator[](std::size_t index) const { return summaries_[index]; }
  auto begin() const { return summaries_.begin(); }
  auto end() const { return summaries_.end(); }

  Result<TenantPlan> read(std::size_t index) const;
  /// Reads one after the other, in their order.
  Result<void> for_each(std::function<void(TenantPlan const&)> const& visit) const;
  /// The same until `visit` fails, with its error.
  Result<void> try_each(std::function<Result<void>(TenantPlan const&)> const& visit) const;

  /// At the end.
  Result<void> add(TenantPlan const& plan);
  /// In place of what is there.
  Result<void> put(std::size_t index, TenantPlan const& plan);
  /// Reads, edits and puts back.
  Result<void> edit(std::size_t index, std::function<void(TenantPlan&)> const& change);
  void set_wave(std::size_t index, std::string_view wave);
  /// Takes out those that --changed did not look at; gives how many.
  std::size_t drop_passed_over();

 private:
  std::string_view interned(std::string_view text);

  std::vector<TenantSummary> summaries_;
  std::vector<SpoolPlace> places_;  ///< of each tenant's plan in `spool_`
  std::shared_ptr<Spool> spool_;    ///< grows only: copies may share it
  std::shared_ptr<std::set<std::string, std::less<>>> names_;  ///< of waves and regions
};

/// A live tenant that neither the state nor the configuration knows.
struct UnmanagedTenant {
  RemoteId id;
  std::string hostname;
  std::string name;  ///< display name; may be empty
  std::string region;
  std::string status;
  bool operator==(UnmanagedTenant const&) const = default;
};

struct Plan {
  std::string tool_version;
  std::string created_at;  ///< RFC 3339
  std::string lineage;     ///< of the state
  bool destroy = false;
  bool refresh_only = false;
  bool adopt_only = false;
  /// Words of the command line that say what was to be planned: "--target", "acme", ...
  std::vector<std::string> flags = {};
  std::optional<Shard> shard;    ///< the share of the fleet that was planned; none: all of it
  std::size_t fleet_size = 0;    ///< tenants of all shards, --target and --exclude apart
  std::vector<Wave> waves = {};  ///< in their order; none: all tenants at once
  TenantPlans tenants;           ///< sorted by key
  std::size_t passed_over = 0;   ///< tenants that --changed did not look at
  /// Patterns of addresses (--target and the like) that fit something which is not in `tenants`.
  /// Not in a saved plan.
  std::set<std::string> fitting = {};
  /// Of the organization's list, sorted by host name; none where nobody asked. Not in a saved plan.
  std::optional<std::vector<UnmanagedTenant>> unmanaged;
  Diagnostics warnings;

  bool has_changes() const;
  bool has_errors() const;
};

/// How many changes of each action, over all tenants.
std::map<Action, std::int64_t> count_actions(Plan const& plan);

}  // namespace tenantry::plans
