// The manual page, made from the same table as the help texts.
#pragma once
#include <string>

#include "cli/command_tree.hpp"

namespace tenantry::cli {

/// tenantry(1) in the man macros. `date` is "2030-01-31", or empty.
std::string man_page(CommandText const& program, std::string const& date);

/// The day of SOURCE_DATE_EPOCH, so that a build can be repeated; empty where it is not set.
std::string source_date(EnvironmentReader const& environment);

}  // namespace tenantry::cli
