// What would be refused while a plan is carried out, and can be seen before.
#pragma once
#include <vector>

#include "engine/run/live_tenant.hpp"
#include "engine/run/references.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// What is known of a tenant that was looked at.
struct LiveView {
  Provider const& provider;
  Session const& session;
  state::TenantState const& state;
  LiveTenant const& live;
  TenantReferences const& names;
};

/// Errors of changes that would lock the run's own credential out, and of deletions that Qlik Cloud
/// refuses because something refers to the object and goes on to do so.
std::vector<Error> foreseen_refusals(LiveView const& view,
                                     std::vector<plans::Change> const& changes);

/// Sections to be listed for it besides: of what keeps from deletion what is in `state` and not
/// among `declared`.
std::set<std::string> holder_sections(Provider const& provider, std::set<Address> const& declared,
                                      state::TenantState const& state);

}  // namespace tenantry::run
