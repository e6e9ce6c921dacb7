// Qlik Cloud as a whole: which hosts there are and who may speak to them.
#pragma once
#include <memory>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "providers/api/provider.hpp"
#include "providers/http/transport.hpp"

namespace tenantry {

/// Over what Qlik Cloud meters the rates of its tiers.
inline constexpr std::chrono::seconds kRateWindow{300};

/// Sessions for the tenants of all regions in `access`, their register hosts
/// (register.<region>.qlikcloud.com) and the console (console.qlikcloud.com). Requests stay within
/// five times the minute rate of their tier in any `rate_window`, per host, unless the region says
/// otherwise; Qlik Cloud's window is 300 s. `transport`, `clock` and `random` must outlive the
/// platform; all on one thread.
std::unique_ptr<Platform> make_platform(PlatformAccess access, http::Transport& transport,
                                        Clock& clock, Random& random,
                                        std::chrono::seconds rate_window = kRateWindow);

}  // namespace tenantry
