// Plans, and what became of them, for reviewers: a comment, a page, annotations.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.hpp"

namespace tenantry::plans {

/// Takes a piece of a report.
using ReportSink = std::function<void(std::string_view)>;

/// What became of a change.
struct ChangeOutcome {
  enum class Status { done, failed, never_started, unknown, stale };
  Status status = Status::done;
  std::string why;   ///< one line; may be empty
  std::string hint;  ///< what to do; may be empty
};
/// "done", "never started", ...
std::string_view words_of(ChangeOutcome::Status status);

/// The outcome of the change at an address; nullptr where there is none. Empty: nothing was
/// applied.
using OutcomeOf = std::function<ChangeOutcome const*(Address const&)>;

/// How an apply went as a whole.
struct Conclusion {
  std::string headline;  ///< "Applied in part: 3 done, 1 failed."
  bool is_success = false;
  std::vector<std::string> lines;  ///< of waves and the like; may hold text from outside
  std::string go_on;               ///< the command that continues; empty where nothing is left
};

struct ReportOptions {
  OutcomeOf outcome_of = {};
  Conclusion conclusion = {};  ///< of Report after an apply
};

// Errors of all of these: those of reading the plan.

/// A comment on a pull request: within what GitHub takes as one, whole blocks left out where it
/// would not be, the least important first. Begins with a hidden line by which a pipeline finds the
/// comment again: "<!-- tenantry-report: plan -->"; with a shard "plan 2/4"; "drift", "apply".
/// Whatever comes from outside stands in code, where it is neither Markdown, HTML nor a mention.
Result<void> write_markdown(Plan const& plan, ReportOptions const& options, ReportSink const& sink);

/// One page that needs no network: overview, filters, differences side by side.
Result<void> write_html(Plan const& plan, ReportOptions const& options, ReportSink const& sink);

/// The name by which others know a file.
using PathOf = std::function<std::string(std::string const& file)>;

/// Workflow commands of GitHub Actions: annotations on the lines that cause the changes, at most
/// ten of a severity, what destroys first, and the number of the rest; then the summary. `below` is
/// the folder of the configuration's paths as seen from the root of the repository.
Result<void> write_annotations(Plan const& plan, PathOf const& path_of, ReportSink const& sink);

}  // namespace tenantry::plans
