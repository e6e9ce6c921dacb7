// One change of a resource while it is carried out: what is sent for it, and what is stored of it.
#pragma once
#include <cstdint>
#include <string>

#include "engine/run/declared_files.hpp"
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// What the steps of all actions share. `runtime` and `change` must outlive it.
class ResourceChange {
 public:
  ResourceChange(TenantRuntime& runtime, plans::Change const& change);

  TenantRuntime& runtime() { return runtime_; }
  plans::Change const& change() const { return change_; }
  ResourceType const& type() const { return type_; }
  Schema const& schema() const { return schema_; }

  /// The row as it was, with what the plan says of the configuration.
  state::ResourceRecord base_row() const;
  /// What is wanted, for journal and row. A secret is in it by the name of its variable, or
  /// withheld.
  Object kept() const { return runtime_.with_tenant(change_.after); }
  state::Intent intent(std::string action) const;

  /// Everything that is wanted, once all that it needs is known: secrets, ids of what it refers to,
  /// and the live lists of what a new tenant has from the start, of which only some elements are
  /// ours.
  Task<Object> whole_to_send(Session& session);
  Operation around(Session& session);

  /// Stores the row; a server that changed a value makes the change a failure, but loses no id.
  Task<Ending> commit(std::int64_t operation, state::ResourceRecord row, Object answer);
  /// Stores what was done of a change whose later step failed.
  Task<Ending> commit_part(std::int64_t operation, state::ResourceRecord row, Object answer,
                           Error why);

 private:
  DesiredResource const* declared() const;
  Result<Object> to_send() const;
  Task<Object> join_parts(Session& session, Object planned);
  Task<RemoteObject> find_live(Session& session, std::string key);

  TenantRuntime& runtime_;
  plans::Change const& change_;
  ResourceType const& type_;
  Schema const& schema_;
  DeclaredFiles files_;
};

}  // namespace tenantry::run
