// Objects that another one was put in place of, remembered by their row until they are gone.
#pragma once
#include <string_view>
#include <vector>

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

/// Deletes what the row of the change remembers, the latest first.
Task<Ending> delete_deposed(ResourceChange& work);

}  // namespace tenantry::run
