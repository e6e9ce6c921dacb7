// What a blueprint asks of `values`, as a live tenant has it.
#pragma once
#include <string>

#include "engine/run/live_tenant.hpp"

namespace tenantry::run {

/// `blueprint` as it is written. An attribute that is one whole `${values.X}` tells X where the
/// resource is live: recognised by its written name, in which `${tenant.key}` and `${tenant.name}`
/// are known. Values that only parts of texts name are not found.
Object values_from_live(Provider const& provider, Object const& blueprint, std::string const& key,
                        std::string const& name, LiveTenant const& live);

}  // namespace tenantry::run
