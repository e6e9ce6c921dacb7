// The report of an apply, in a file.
#pragma once
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "engine/run/applier.hpp"

namespace tenantry::cli {

/// Declares --report and --report-format.
void declare(Options& options, ReportArguments& arguments);

enum class ReportForm { markdown, html, json };

/// What the arguments ask for; nothing without --report. Errors: invalid where neither
/// --report-format nor the end of the name says the form, io where the file could not be written.
Result<std::optional<ReportForm>> report_form(ReportArguments const& arguments);

/// Writes the plan with what became of each change. `command` is the one that continues.
/// Errors: io.
Result<void> write_report(ReportArguments const& arguments, ReportForm form,
                          plans::Plan const& plan, run::ApplyReport const& report, Exit exit,
                          std::string const& command);

}  // namespace tenantry::cli
