// This process, and what it must not leave behind.
#pragma once
#include <filesystem>
#include <string>

namespace tenantry::cli {

/// No core dump (it would hold secrets) and no debugger of another process; a closed pipe is an
/// error to be seen, not the end of a half-done apply.
void protect_process();

/// The commit that the git work tree around `folder` is on, 40 or 64 hex digits; empty where there
/// is none. Reads files only: no program is run in a folder that may be somebody else's.
std::string commit_of(std::filesystem::path const& folder);

}  // namespace tenantry::cli
