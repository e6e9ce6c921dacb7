// Who this process is, for locks and the history.
#pragma once
#include <string>

#include "engine/core/clock.hpp"
#include "engine/core/random.hpp"
#include "state/model.hpp"

namespace tenantry::state {

/// This process as the owner of a lock, from now on. `command`: "tenantry apply", no arguments.
LockOwner this_process(std::string command, Clock const& clock);

/// A new run of this process with an id of its own. `commit` is that of the configuration's git
/// work tree, `reason` that of --reason; both may be empty.
Run this_run(std::string command, std::string commit, std::string reason, Clock const& clock,
             Random& random);

/// The page of the CI job that runs this process: of GitHub Actions (GITHUB_SERVER_URL,
/// GITHUB_REPOSITORY, GITHUB_RUN_ID), GitLab (CI_JOB_URL) or Jenkins (BUILD_URL); "" outside of
/// them. A user or token inside of the URL is left out.
std::string ci_run_url();

}  // namespace tenantry::state
