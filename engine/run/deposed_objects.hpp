// Objects that another one was put in place of, remembered by their row until they are gone.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "engine/run/live_tenant.hpp"
#include "engine/run/tenant_runtime.hpp"
#include "state/model.hpp"

namespace tenantry::run {

class ResourceChange;

/// In the extra of a record: their ids. In the context of an intent: the id of the one that it is
/// about.
inline constexpr std::string_view kDeposed = "deposed";

std::vector<RemoteId> deposed_of(state::ResourceRecord const& record);
void keep_deposed(state::ResourceRecord& record, std::vector<RemoteId> const& ids);
/// Adds `id` to those that `record` remembers.
void depose(state::ResourceRecord& record, RemoteId const& id);

/// The row of `wanted` where it is to be an object again that another one was put in place of, and
/// which is still there: it is taken back, and the other one is to go. Nothing in any other case.
std::optional<state::ResourceRecord> taken_back(ResourceType const& type,
                                                DesiredResource const& wanted,
                                                state::TenantState const& state,
                                                LiveTenant const& live);

/// Deletes what the row of the change remembers, the latest first.
Task<Ending> delete_deposed(ResourceChange& work);

}  // namespace tenantry::run
