#include "cli/apply_report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <unordered_map>

#include "cli/event_stream.hpp"
#include "cli/report.hpp"
#include "engine/core/atomic_file.hpp"
#include "engine/core/characters.hpp"
#include "engine/core/file.hpp"
#include "engine/core/text.hpp"
#include "plans/report.hpp"

namespace tenantry::cli {
namespace fs = std::filesystem;
namespace {

using Outcome = plans::ChangeOutcome;

std::optional<ReportForm> form_of_name(std::string const& file) {
  auto const end = lower(fs::path(file).extension().string());
  if (end == ".md" || end == ".markdown") return ReportForm::markdown;
  if (end == ".html" || end == ".htm") return ReportForm::html;
  if (end == ".json") return ReportForm::json;
  return std::nullopt;
}

/// Before anything is changed: what was done must not go untold because of a mistyped folder.
Result<void> check_place(std::string const& file) {
  if (AtomicFile::check(file)) return {};
  return Error(Errc::io, fmt::format("the report {} cannot be written", visible(file)),
               "name a file in a folder that exists");
}

Outcome::Status status_of(run::Status status) {
  switch (status) {
    case run::Status::done:
      return Outcome::Status::done;
    case run::Status::failed:
      return Outcome::Status::failed;
    case run::Status::never_started:
      return Outcome::Status::never_started;
    case run::Status::unknown:
      return Outcome::Status::unknown;
    case run::Status::stale:
      return Outcome::Status::stale;
  }
  return Outcome::Status::unknown;
}

using Outcomes = std::unordered_map<Address, Outcome>;

Outcomes outcomes_of(run::ApplyReport const& report) {
  Outcomes outcomes;
  for (auto const& change : report.changes) {
    Outcome outcome{status_of(change.status), change.reason, {}};
    if (change.error) {
      outcome.why = describe(*change.error);
      outcome.hint = change.error->hint;
    }
    outcomes.emplace(change.address, std::move(outcome));
  }
  return outcomes;
}

Object as_json(run::ApplyReport const& report, Exit exit, std::string const& go_on) {
  auto document = report_members(report, exit);
  Array changes;
  for (auto const& change : report.changes) changes.push_back(to_json(change));
  document["changes"] = std::move(changes);
  document.erase("unfinished");  // they are among the changes
  if (!go_on.empty()) document["goOn"] = go_on;
  Object out{{"formatVersion", 1}};
  for (auto& [name, value] : document) out[name] = std::move(value);
  return out;
}

}  // namespace

void declare(Options& options, ReportArguments& arguments) {
  options.text("--report", "FILE", arguments.file,
               "Write what was done and what was not to FILE (.md, .html or .json)");
  options.choice("--report-format", {"auto", "markdown", "html", "json"}, arguments.format,
                 "Form of the report; auto: by the end of its name");
}

Result<std::optional<ReportForm>> report_form(ReportArguments const& arguments) {
  if (!arguments.file) {
    if (arguments.format == "auto") return std::optional<ReportForm>();
    return Error(Errc::invalid, "--report-format says nothing without --report");
  }
  std::optional<ReportForm> form = form_of_name(*arguments.file);
  if (arguments.format == "markdown") form = ReportForm::markdown;
  if (arguments.format == "html") form = ReportForm::html;
  if (arguments.format == "json") form = ReportForm::json;
  if (!form) {
    return Error(
        Errc::invalid,
        fmt::format("the name of {} does not say the form of the report", visible(*arguments.file)),
        "end it in .md, .html or .json, or add --report-format");
  }
  auto const place = check_place(*arguments.file);
  if (!place) return place.error();
  return form;
}

Result<void> write_report(ReportArguments const& arguments, ReportForm form,
                          plans::Plan const& plan, run::ApplyReport const& report, Exit exit,
                          std::string const& command) {
  auto const go_on = is_worth_repeating(report) ? command : std::string();
  std::string text;
  if (form == ReportForm::json) {
    text = with_visible_strings(pretty(as_json(report, exit, go_on))) + '\n';
  } else {
    auto const outcomes = outcomes_of(report);
    plans::ReportOptions options;
    options.outcome_of = [&outcomes](Address const& address) {
      auto const found = outcomes.find(address);
      return found == outcomes.end() ? nullptr : &found->second;
    };
    options.conclusion.is_success = exit == Exit::done;
    options.conclusion.headline = headline_of(report);
    options.conclusion.lines = wave_lines_of(report);
    options.conclusion.go_on = go_on;
    auto const sink = [&text](std::string_view piece) { text += piece; };
    auto const written = form == ReportForm::html ? plans::write_html(plan, options, sink)
                                                  : plans::write_markdown(plan, options, sink);
    if (!written) return written;
  }
  return write_file_atomically(*arguments.file, text, FileMode::shared);
}

}  // namespace tenantry::cli
