// What this program is.
#pragma once
#include <string>
#include <string_view>

namespace tenantry::cli {

/// "0.1.0"
std::string_view version();
/// "tenantry 0.1.0"
std::string version_line();

}  // namespace tenantry::cli
