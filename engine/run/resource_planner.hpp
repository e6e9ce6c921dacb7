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
  /// Desired resources with the tenant's host name and id filled in where they are known.
  std::vector<DesiredResource> const& desired;
  state::TenantState const& state;
  LiveTenant const& live;
  Liveness liveness = Liveness::listed;
  std::string salt;
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

/// plans::diff's input for one resource, the part that is the same for tenants and resources.
plans::DiffInput diff_input(Context& context, PlanOptions const& options, Schema const& schema,
                            plans::ReferenceNames const& names, Address const& address,
                            std::string const& salt);

}  // namespace tenantry::run
