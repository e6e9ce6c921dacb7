// What a plan is: for each tenant the changes, why, and what stops them.
#pragma once
#include <cstdint>
#include <map>
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
  std::optional<Shard> shard;       ///< the share of the fleet that was planned; none: all of it
  std::size_t fleet_size = 0;       ///< tenants of all shards, --target and --exclude apart
  std::vector<Wave> waves = {};     ///< in their order; none: all tenants at once
  std::vector<TenantPlan> tenants;  ///< sorted by key
  std::size_t passed_over = 0;      ///< tenants that --changed did not look at
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
