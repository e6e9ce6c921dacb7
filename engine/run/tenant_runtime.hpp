// One tenant while its plan is carried out: what is known of it, and the journal around each call.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "engine/run/applier.hpp"
#include "engine/run/live_tenant.hpp"
#include "engine/run/organization.hpp"
#include "engine/run/references.hpp"

namespace tenantry::run {

/// How one change ended.
struct Ending {
  Status status = Status::done;
  std::optional<Error> error;
};

/// Shared by the executors of one tenant's changes. Its state follows what has been committed.
class TenantRuntime {
 public:
  /// `declared` may be null. `context`, `options` and `organization` must outlive it.
  TenantRuntime(Context& context, ApplyOptions const& options, OrganizationView& organization,
                plans::TenantPlan const& plan, config::Tenant const* declared,
                state::TenantState state);

  Context& context() { return context_; }
  ApplyOptions const& options() const { return options_; }
  OrganizationView& organization() { return organization_; }
  config::Tenant const* declared() const { return declared_; }
  state::TenantState const& state() const { return state_; }
  TenantReferences const& names() const { return names_; }
  std::string const& region() const { return region_; }
  std::string const& hostname() const { return hostname_; }
  RemoteId const& id() const { return id_; }
  /// False where the plan was made from state alone.
  bool refreshed() const { return refreshed_; }
  std::string now() const { return format_time(context_.clock.wall()); }

  /// Lists what `planned` refers to by a name of which no id is known yet.
  Task<void> know_references(Schema const& schema, Object planned);

  /// The tenant exists, under this id and host name.
  void known_as(RemoteId id, std::string hostname);
  Result<Session*> session();
  Session& registration() { return context_.platform.registration(region_); }

  /// `value` with the tenant's properties filled in.
  Object with_tenant(Object const& value) const;
  /// ... and with sensitive variables: what is sent.
  Result<Object> to_send(Object const& value) const;

  /// An intent with what every one has.
  state::Intent intent(plans::Change const& change, std::string action) const;
  Task<std::int64_t> begin(state::Intent intent);
  /// Commits the outcome and follows it.
  Task<void> finish(std::int64_t operation, state::Outcome outcome);

  /// Commits the outcome of a call that failed with `error`, unless it must stay open: then the
  /// next run finds out. Gives how the change ended.
  Task<Ending> fail(std::int64_t operation, Error error);

 private:
  Context& context_;
  ApplyOptions const& options_;
  OrganizationView& organization_;
  config::Tenant const* declared_;
  std::string region_;
  std::string hostname_;
  RemoteId id_;
  bool refreshed_;
  state::TenantState state_;
  LiveTenant live_;  // names come from the configuration, the plan and state; few need a list
  std::vector<DesiredResource> none_;
  TenantReferences names_;
};

/// Endings of an executor; a failure of the journal itself is the Result's error.
Ending done();
Ending failed(Error error);

}  // namespace tenantry::run
