#include "cli/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// Of one status; the rest is counted. Whoever wants all of them reads --json.
constexpr std::size_t kListedMax = 50;

void list(std::string& text, run::ApplyReport const& report, run::Status status,
          std::string_view title) {
  auto const count = static_cast<std::size_t>(report.count(status));
  if (count == 0) return;
  text += fmt::format("\n{}:\n", title);
  std::size_t listed = 0;
  for (auto const& change : report.changes) {
    if (change.status != status) continue;
    if (listed++ == kListedMax) break;
    text += fmt::format("  {} ({})", visible(change.address.text()), plans::name_of(change.action));
    // An error says more than the short reason, which often is the same.
    auto const why = change.error ? describe(*change.error) : change.reason;
    if (!why.empty()) text += fmt::format(": {}", visible(why));
    text += '\n';
    if (change.error && !change.error->hint.empty()) {
      text += fmt::format("    hint: {}\n", visible(change.error->hint));
    }
  }
  if (count > kListedMax) text += fmt::format("  and {} more\n", count - kListedMax);
}

bool is_finished(run::ApplyReport const& report) {
  return !report.interrupted && !report.stopped_by_guard && !report.some_tenant_failed &&
         report.is_all_done();
}

std::string wave_line(run::WaveReport const& wave) {
  std::vector<std::string> parts;
  if (wave.done > 0) parts.push_back(counted(wave.done, "tenant") + " done");
  if (wave.failed > 0) parts.push_back(fmt::format("{} failed", wave.failed));
  if (wave.guarded > 0) parts.push_back(fmt::format("{} stopped by a guard", wave.guarded));
  auto const ended = wave.done + wave.failed + wave.guarded;
  if (wave.started && ended < wave.tenants) {
    parts.push_back(fmt::format("{} not begun", wave.tenants - ended));
  }
  auto text = fmt::format("{}: {}", visible(wave.name),
                          !parts.empty()     ? fmt::format("{}", fmt::join(parts, ", "))
                          : wave.tenants > 0 ? counted(wave.tenants, "tenant") + " not begun"
                                             : std::string("nothing to do"));
  if (!wave.stopped_because.empty()) {
    text += fmt::format("; {}: {}", wave.started ? "stopped" : "not started", wave.stopped_because);
  }
  return text;
}

/// Nothing without a rollout.
std::string waves_text(run::ApplyReport const& report) {
  std::string text;
  for (auto const& line : wave_lines_of(report)) text += fmt::format("  {}\n", line);
  return text.empty() ? text : "Waves:\n" + text;
}

void append_each(std::string& text, std::string_view flag, std::vector<std::string> const& values) {
  for (auto const& value : values) text += fmt::format(" {} {}", flag, shell_word(value));
}

}  // namespace

bool is_worth_repeating(run::ApplyReport const& report) {
  using run::Status;
  return !is_finished(report) &&
         (report.interrupted || report.some_tenant_failed || report.count(Status::failed) > 0 ||
          report.count(Status::unknown) > 0 || report.count(Status::stale) > 0 ||
          !report.stopped_by_guard);
}

std::string headline_of(run::ApplyReport const& report) {
  using run::Status;
  auto const done = report.count(Status::done);
  auto const of_these =
      report.done_earlier == 0
          ? std::string()
          : fmt::format(" ({} by an earlier run of this plan)", report.done_earlier);
  if (is_finished(report)) {
    return done == 0 ? "Nothing had to be changed."
                     : fmt::format("Applied: {} done{}.", done, of_these);
  }
  std::string text = report.interrupted ? "Interrupted"
                     : done > 0         ? "Applied in part"
                                        : "Not applied";
  text += fmt::format(": {} done{}", done, of_these);
  struct Part {
    Status status;
    std::string_view words;
  };
  for (auto const& [status, words] :
       {Part{Status::failed, "failed"}, Part{Status::never_started, "never started"},
        Part{Status::unknown, "unknown"}, Part{Status::stale, "out of date"}}) {
    if (report.count(status) > 0) text += fmt::format(", {} {}", report.count(status), words);
  }
  return text + ".";
}

std::vector<std::string> wave_lines_of(run::ApplyReport const& report) {
  std::vector<std::string> lines;
  for (auto const& wave : report.waves) lines.push_back(wave_line(wave));
  return lines;
}

std::string report_text(run::ApplyReport const& report, std::string const& go_on) {
  using run::Status;
  auto text = headline_of(report) + '\n' + waves_text(report);
  if (is_finished(report)) return text;
  list(text, report, Status::failed, "Failed");
  list(text, report, Status::stale, "Out of date (the plan is older than what it would change)");
  list(text, report, Status::unknown,
       "Unknown (sent, but the answer was lost; the next run finds out)");
  list(text, report, Status::never_started, "Never started");
  if (report.some_tenant_failed)
    text += "\nTenants that could not be planned or locked are left.\n";
  if (report.stopped_by_guard) {
    text += "\nWhat a guard stops needs --acknowledge with the digest that the plan prints.\n";
  }
  if (is_worth_repeating(report) && !go_on.empty()) text += fmt::format("\nTo go on: {}\n", go_on);
  return text;
}

std::vector<std::string> planning_words(PlanningArguments const& planning) {
  std::vector<std::string> words;
  auto const each = [&](std::string const& flag, std::vector<std::string> const& values) {
    for (auto const& value : values) words.insert(words.end(), {flag, value});
  };
  each("--target", planning.targets);
  each("--exclude", planning.excludes);
  each("--replace", planning.replace);
  each("--rotate", planning.rotate);
  each("--acknowledge", planning.acknowledged);
  if (planning.changed) words.emplace_back("--changed");
  each("--wave", planning.waves);
  if (planning.shard) words.insert(words.end(), {"--shard", *planning.shard});
  if (planning.destroy) words.emplace_back("--destroy");
  if (planning.adopt) words.emplace_back("--adopt");
  if (planning.allow_deactivate) words.emplace_back("--allow-deactivate");
  return words;
}

std::string command_again(Invocation const& invocation, std::string const& command,
                          PlanningArguments const& planning) {
  auto const& global = invocation.global;
  std::string text = "tenantry " + command;
  if (global.chdir) text += " --chdir " + shell_word(*global.chdir);
  append_each(text, "--config", global.configs);
  if (global.connections) text += " --connections " + shell_word(*global.connections);
  if (global.state) text += " --state " + shell_word(*global.state);
  for (auto const& variable : planning.configuration.variables) {
    text += " --var " + shell_word(variable.substr(0, variable.find('=')) + "=...");
  }
  append_each(text, "--var-file", planning.configuration.variable_files);
  if (planning.configuration.emulated) text += " --emulated";
  for (auto const& word : planning_words(planning)) {
    if (word != "--destroy" || command != "destroy") text += ' ' + shell_word(word);
  }
  return text;
}

std::string command_to_go_on(Invocation const& invocation, PlanningArguments const& planning,
                             std::string const& plan_file, plans::Plan const& plan,
                             run::ApplyReport const& report) {
  auto const file = ' ' + shell_word(plan_file);
  auto const again = command_again(invocation, "apply", planning) + file;
  // What is out of date, or could not be planned, is no better the next time.
  if (report.count(run::Status::stale) == 0 && !plan.has_errors()) return again;
  auto anew = command_again(invocation, "plan", planning);
  for (auto const& word : plan.flags) anew += ' ' + shell_word(word);
  return anew + " --out" + file + " && " + again;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (char const c : visible(word)) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

}  // namespace tenantry::cli
