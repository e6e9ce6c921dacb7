// What plan, apply, destroy and drift have in common.
#pragma once
#include "cli/commands.hpp"
#include "cli/run_environment.hpp"
#include "engine/run/planner.hpp"
#include "plans/unchanged_file.hpp"

namespace tenantry::cli {

void declare(Options& options, PlanningArguments& arguments);

/// Declares --format and --json of a command that shows a plan.
void declare_format(Options& options, std::string& format, bool& json);

enum class PlanFormat { text, json, markdown, html, github };
/// What --format and --json ask for. Errors: invalid where they contradict each other.
Result<PlanFormat> plan_format(std::string const& format, bool json);

/// Refuses what these arguments ask for in vain. Errors: invalid.
Result<void> check(PlanningArguments const& arguments);

/// Of a flag that cannot do its work where --changed passes over tenants.
Error contradicts_changed(std::string_view flag);

/// The tenants that `arguments` and the runner's shard select. Says so where the shard was not
/// named on the command line. Errors: those of check() and choose_shard().
Result<run::Selection> select_tenants(Invocation& invocation, PlanningArguments const& arguments);

/// What names the runs that share limits with this one: those of a shard, or of a run with a name.
std::string group_of(std::optional<Shard> const& shard, EnvironmentReader const& environment);

/// The engine's options for `arguments`.
run::PlanOptions plan_options(Invocation const& invocation, PlanningArguments const& arguments,
                              run::Selection selection);

/// What a run with `arguments` needs from outside.
RunRequest run_request(std::shared_ptr<config::Configuration const> configuration,
                       PlanningArguments const& arguments, run::Selection selection);

/// Makes the plan and checks that every --target and --replace meant something.
/// Errors: those of run::make_plan; not_found for a pattern that fits nothing.
Result<plans::Plan> make_plan(RunEnvironment& environment, run::PlanOptions options);

/// Checks patterns of `flag` against the addresses of a plan. A pattern may mean something inside a
/// tenant that could not be planned. `known` are addresses to suggest besides.
Result<void> check_patterns(plans::Plan const& plan, std::string_view flag,
                            std::vector<std::string> const& patterns,
                            std::vector<std::string> known = {});

/// Keeps what a plan only counts, for a format that lists it.
class UnchangedListing final : public run::UnchangedSink {
 public:
  /// Makes `options` count what does not change, and keep it for `format` where that is needed.
  /// Must outlive the planning and stay in its place. Errors: io.
  Result<void> attach(run::PlanOptions& options, PlanFormat format);
  Result<void> add(std::string const& tenant, std::vector<plans::Change> unchanged) override;
  /// nullptr where nothing is kept.
  plans::UnchangedFile const* file() const { return file_ ? &*file_ : nullptr; }

 private:
  std::optional<plans::UnchangedFile> file_;
};

/// Writes a plan in `format` to standard output. Errors: those of reading the plan; io, of the file
/// of `unchanged`.
Result<void> show_plan(Invocation& invocation, plans::Plan const& plan, PlanFormat format,
                       plans::UnchangedFile const* unchanged = nullptr);

}  // namespace tenantry::cli
