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

/// What names the job that this process is one of several runners of: TENANTRY_RUN_ID, else what
/// the CI system gives to all jobs of one run alike (GitHub Actions: GITHUB_RUN_ID with
/// GITHUB_RUN_ATTEMPT, GitLab: CI_PIPELINE_ID, Jenkins: BUILD_TAG; in an Indexed Job of Kubernetes:
/// JOB_NAME). "" where nothing does.
std::string run_group();

/// The page of the CI job that runs this process: of GitHub Actions (GITHUB_SERVER_URL,
/// GITHUB_REPOSITORY, GITHUB_RUN_ID), GitLab (CI_JOB_URL) or Jenkins (BUILD_URL); "" outside of
/// them. A user or token inside of the URL is left out.
std::string ci_run_url();

}  // namespace tenantry::state
