// Carries out what a plan does about a resource's secret: a new one first, the old one last.
#pragma once
#include "engine/run/tenant_runtime.hpp"

namespace tenantry::run {

/// Makes a secret, delivers it, commits, and only then removes those whose time has come: at every
/// moment a secret that was delivered is valid. One that surely did not arrive is removed again;
/// one that may have arrived is recorded, and goes once a newer one did. Does nothing where the
/// change has no such steps. `runtime` and `change` must outlive the task.
Task<Ending> carry_out_secret_steps(TenantRuntime& runtime, plans::Change const& change);

/// The row after an interrupted rotation: what was made since is doubtful, for it may have been
/// delivered. Reads the object's secrets. Nothing where none was made.
Task<std::optional<state::ResourceRecord>> row_after_rotation(ResourceType const& type,
                                                              Session& session,
                                                              state::Intent intent,
                                                              state::ResourceRecord row);

}  // namespace tenantry::run
