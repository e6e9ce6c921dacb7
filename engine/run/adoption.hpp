// Taking over one live object that a person names by its id.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/run/applier.hpp"

namespace tenantry::run {

struct ImportRequest {
  Address address;       ///< declared, and not in the state
  RemoteId id;           ///< of the live object
  std::string hostname;  ///< of a tenant; empty: what its block says, else the organization's list
};

/// The plan of taking `request.id` over as it is: nothing live is changed, no secret is made. What
/// differs from the configuration is left to the next plan; the names of these attributes go to
/// `differs`. Locks the tenant into `locks`. Errors: not_found for an address that is not declared
/// and an id that is not live; conflict where the address or the id is taken, and for what cannot
/// be adopted.
Task<plans::Plan> plan_import(Context& context, ImportRequest request, PlanOptions options,
                              std::vector<std::string>& differs);

}  // namespace tenantry::run
