// Qlik Cloud as a whole: which hosts there are and who may speak to them.
#pragma once
#include <memory>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "providers/api/provider.hpp"
#include "providers/http/transport.hpp"

namespace tenantry {

/// Sessions for the tenants of all regions in `access`, their register hosts
/// (register.<region>.qlikcloud.com) and the console (console.qlikcloud.com). Requests stay within
/// five times the minute rate of their tier in any 300 s, per host, unless the region says
/// otherwise. `transport`, `clock` and `random` must outlive the platform; all on one thread.
std::unique_ptr<Platform> make_platform(PlatformAccess access, http::Transport& transport,
                                        Clock& clock, Random& random);

}  // namespace tenantry
