// How an apply ended, for a person.
#pragma once
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "engine/run/applier.hpp"

namespace tenantry::cli {

/// What is done, failed, never started and unknown, with the reasons; ended by `go_on` (the command
/// that continues) where anything is left. Nothing is said of changes that are done but their
/// count.
std::string report_text(run::ApplyReport const& report, std::string const& go_on);

/// Something is left that the same command may do; it would only be stopped by guards again
/// otherwise.
bool is_worth_repeating(run::ApplyReport const& report);
/// The first line of it: "Applied in part: 3 done, 1 failed."
std::string headline_of(run::ApplyReport const& report);
/// A line for each wave: "canary: 3 tenants done"; none without a rollout.
std::vector<std::string> wave_lines_of(run::ApplyReport const& report);

/// The command that plans or applies what `planning` did, with the same flags. Values of --var are
/// left out: they may be secrets.
std::string command_again(Invocation const& invocation, std::string const& command,
                          PlanningArguments const& planning);

/// The words of the command line that say what `planning` looks at and does; see Plan::flags.
std::vector<std::string> planning_words(PlanningArguments const& planning);

/// The command that continues after a saved plan was carried out in part: the same plan again,
/// which passes over what is done, or a new one with the flags of the old.
std::string command_to_go_on(Invocation const& invocation, PlanningArguments const& planning,
                             std::string const& plan_file, plans::Plan const& plan,
                             run::ApplyReport const& report);

/// A word as a POSIX shell reads it back.
std::string shell_word(std::string_view word);

}  // namespace tenantry::cli
