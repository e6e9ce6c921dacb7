// The changes of one tenant's resources.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/run/live_tenant.hpp"
#include "engine/run/planner.hpp"
#include "engine/run/references.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {

/// Whether the lists say what is live, or state stands for it.
enum class Liveness { listed, from_state };

struct ResourcePlanInput {
  Context& context;
  PlanOptions const& options;
  /// Desired resources, sorted by address, with the tenant's host name and id filled in where they
  /// are known.
  std::vector<DesiredResource> const& desired;
  state::TenantState const& state;
  LiveTenant const& live;
  TenantReferences const& names;  ///< made of these three
  Liveness liveness = Liveness::listed;
  std::string secret_salt;  ///< see secret_salt()
};

struct ResourcePlan {
  std::vector<plans::Change> changes;  ///< in the order of addresses
  std::vector<state::ResourceRecord> learned;
  std::vector<Error> errors;
};

ResourcePlan plan_resources(ResourcePlanInput const& input);

/// Sections whose live objects a plan needs: those declared, those in state, and those whose
/// objects are named by something else than a key.
std::set<std::string> sections_to_list(Provider const& provider,
                                       std::vector<DesiredResource> const& desired,
                                       state::TenantState const& state);

/// Keys the digests of secrets that stand in plans. Of its own: the state's salt seals plans.
std::string secret_salt(state::StoreInfo const& info);

/// plans::diff's input for one resource, the part that is the same for tenants and resources.
/// All arguments must outlive it.
plans::DiffInput diff_input(Context& context, PlanOptions const& options, Schema const& schema,
                            plans::ReferenceNames const& names, Address const& address,
                            std::string const& secret_salt);

}  // namespace tenantry::run
