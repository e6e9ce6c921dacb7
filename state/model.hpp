// What is owned, and what was attempted.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/address.hpp"
#include "engine/core/value.hpp"

namespace tenantry::state {

/// One owned object. Holds no secret: a write-only or sensitive attribute is in `secrets` as a
/// keyed digest and in `applied` not at all.
struct ResourceRecord {
  Address address;
  RemoteId id;
  Object applied;  ///< attributes as the configuration last wanted them
  /// Attributes whose server-side form differs from `applied` without being another value: the
  /// server changed case, order or a trailing slash. Learned from answers to our own writes.
  Object observed;
  Object secrets;  ///< attribute -> "salt:digest"
  Object extra;    ///< of the kind alone; a tenant keeps hostname, region, status, purgeDate here
  bool prevent_destroy = false;
  std::vector<Address> depends_on;  ///< so that deletion keeps the order when the YAML is gone
  std::string created_at;           ///< RFC 3339
  std::string updated_at;           ///< RFC 3339
  bool operator==(ResourceRecord const&) const = default;
};

/// A call that changes something, before it is made.
struct Intent {
  Address address;
  std::string action;          ///< name of the plan's action: "create", "delete", ...
  std::string request_digest;  ///< of what is sent
  std::string natural_key;     ///< how the object can be recognised without its id
  RemoteId id;                 ///< of an existing object; empty for a create
  Object before;               ///< live attributes before the call
  Object planned;              ///< attributes that are wanted; no secret
  Object context;              ///< what recovery needs besides, e.g. ids that were there before
  std::string run_id;
  std::string started_at;  ///< RFC 3339
};

/// An intent without outcome: the process ended between the two.
struct OpenOperation {
  std::int64_t id = 0;
  Intent intent;
};

enum class OutcomeStatus { done, failed, dropped };

/// How a call ended. Durable in one transaction with the row it leaves.
struct Outcome {
  OutcomeStatus status = OutcomeStatus::done;
  std::optional<ResourceRecord> upsert;  ///< the row as it is now
  std::vector<Address> removals;         ///< rows that are gone
  std::string error;                     ///< why it failed; no secret
};

/// All of one tenant.
struct TenantState {
  std::string key;
  std::int64_t serial = 0;    ///< grows with each outcome that changes a row
  std::string config_digest;  ///< of what was applied as a whole; empty once a row changed since
  std::string applied_at;     ///< RFC 3339 of the last complete apply
  std::map<Address, ResourceRecord> resources;  ///< the tenant's own row included
  std::vector<OpenOperation> open;              ///< oldest first

  ResourceRecord const* find(Address const& address) const;
};

/// Who holds a lock.
struct LockOwner {
  std::string host;
  std::int64_t pid = 0;
  std::string command;  ///< "tenantry apply", without arguments
  std::string run_url;  ///< of the CI job; may be empty
  std::string since;    ///< RFC 3339
};
/// "tenantry apply on build-7 (pid 4711) since 2026-03-01T12:00:00Z, https://ci.example/1"
std::string describe(LockOwner const& owner);

/// What one run adds to a counter that it shares with the other runs of its group, such as the
/// shards of one pipeline run.
struct Contribution {
  std::string group;
  std::string counter;
  /// What is counted -> its amount, which takes the place of what any run of the group said of the
  /// same part before: a rerun counts once what both had to do. None: the sum is only read.
  std::map<std::string, std::int64_t> parts;
};

/// One run of a command that may change something.
struct Run {
  std::string id;
  std::string command;
  std::string started_at;
  std::string user;
  std::string host;
  std::string commit;  ///< of the configuration's git work tree; may be empty
  std::string run_url;
  std::string reason;  ///< --reason; may be empty
  /// What the runs of several shards have in common: limits count over all runs of one group.
  /// Empty: this run stands alone. Not kept in the history.
  std::string group = {};
  /// "2/4": which part of its group this run is. Empty: all of it.
  std::string shard = {};
  /// RFC 3339: with the beginning of this run, what has ended before that time is forgotten, some
  /// thousand operations at a time, the oldest first. Empty: nothing is.
  std::string history_from = {};
};

}  // namespace tenantry::state
