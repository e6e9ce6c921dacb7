#include "cli/planning.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/other_tenants.hpp"
#include "cli/shard_choice.hpp"
#include "cli/source_paths.hpp"
#include "cli/version.hpp"
#include "engine/core/text.hpp"
#include "plans/render.hpp"
#include "plans/report.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {
namespace {

constexpr std::int64_t kParallelismMax = 1024;
constexpr std::int64_t kLockTimeoutMax = 86'400;

/// Addresses of the tenants that `patterns` name, and the keys of all tenants.
std::vector<std::string> declared(config::Configuration const& configuration,
                                  std::vector<std::string> const& patterns) {
  std::vector<std::string> addresses;
  for (auto const& tenant : configuration.tenants()) {
    addresses.push_back(tenant.key);
    bool const named = std::ranges::any_of(
        patterns, [&](auto const& pattern) { return pattern.starts_with(tenant.key + '/'); });
    if (!named) continue;
    for (auto const& resource : configuration.expand(tenant.key).resources) {
      addresses.push_back(resource.address.text());
    }
  }
  return addresses;
}

/// What --exclude names and nothing is called, though something is called much like it: a slip
/// there does more than was meant. What only the state knows is excluded as well, so that it is no
/// error.
std::vector<Diagnostic> unknown_excludes(config::Configuration const& configuration,
                                         std::vector<std::string> const& excludes) {
  std::vector<Diagnostic> warnings;
  for (auto const& pattern : excludes) {
    if (pattern.find_first_of("*?") != std::string::npos) continue;
    auto const known = declared(configuration, {pattern});
    if (std::ranges::find(known, pattern) != known.end()) continue;
    auto const meant = did_you_mean(pattern, known);
    if (meant.empty()) continue;
    warnings.push_back({Severity::warning,
                        {},
                        {},
                        "nothing that is declared is excluded",
                        fmt::format("--exclude {} fits no address{}.", visible(pattern), meant),
                        "tenantry state list tells what else is managed"});
  }
  return warnings;
}

}  // namespace

void declare(Options& options, PlanningArguments& arguments) {
  declare(options, arguments.configuration);
  options.list("--target", "ADDRESS", arguments.targets,
               "Only this address or glob ('*/groups/*'); may be repeated");
  options.list("--exclude", "ADDRESS", arguments.excludes,
               "Not this address or glob; may be repeated");
  options.list("--replace", "ADDRESS", arguments.replace,
               "Delete and create this address anew; may be repeated");
  options.list("--rotate", "ADDRESS", arguments.rotate,
               "Give the clients of this address or glob a new secret; may be repeated");
  options.list("--acknowledge", "DIGEST", arguments.acknowledged,
               "Let the one change through that a guard stops; the plan prints its digest");
  options.flag("--no-refresh", arguments.no_refresh,
               "Plan against the state alone: no network, no credentials");
  options.flag("--changed", arguments.changed,
               "Only tenants whose configuration moved since it was last applied to them");
  options.flag("--adopt", arguments.adopt,
               "Take over what exists under the same natural key instead of refusing it");
  options.flag("--allow-deactivate", arguments.allow_deactivate,
               "Allow tenants that left the configuration to be deactivated");
  options.number("--parallelism", "N", {1, kParallelismMax}, arguments.parallelism,
                 "Calls in flight at the same time (default: 64)");
  options.number("--lock-timeout", "SECONDS", {0, kLockTimeoutMax}, arguments.lock_timeout_seconds,
                 "Wait for a locked tenant (default: do not wait)");
  options.list("--wave", "WAVE", arguments.waves,
               "Only tenants of this wave of the rollout; may be repeated");
  options.text("--shard", "I/N", arguments.shard,
               "Only the I-th of N shares of the tenants; auto: as the CI system numbers its "
               "runners (default); none: all tenants");
}

void declare_format(Options& options, std::string& format, bool& json) {
  options.choice("--format", {"text", "json", "markdown", "html", "github"}, format,
                 "Form of the result: json is Terraform's plan representation, markdown a comment "
                 "on a pull request, html a page, github annotations on the lines of YAML");
  options.flag("--json", json, "The same as --format json");
}

Result<PlanFormat> plan_format(std::string const& format, bool json) {
  if (json && format != "text" && format != "json") {
    return Error(Errc::invalid,
                 fmt::format("--json and --format {} contradict each other", format));
  }
  if (json || format == "json") return PlanFormat::json;
  if (format == "markdown") return PlanFormat::markdown;
  if (format == "html") return PlanFormat::html;
  if (format == "github") return PlanFormat::github;
  return PlanFormat::text;
}

Error contradicts_changed(std::string_view flag) {
  return {Errc::invalid, fmt::format("--changed and {} contradict each other", flag),
          "--changed passes over tenants whose configuration is the one that was applied last"};
}

Result<void> check(PlanningArguments const& arguments) {
  if (arguments.changed) {
    if (arguments.destroy) return contradicts_changed("--destroy");
    if (!arguments.replace.empty()) return contradicts_changed("--replace");
    if (!arguments.rotate.empty()) return contradicts_changed("--rotate");
  }
  if (arguments.destroy && !arguments.replace.empty()) {
    return Error(Errc::invalid, "--destroy and --replace contradict each other");
  }
  if (arguments.destroy && !arguments.rotate.empty()) {
    return Error(Errc::invalid, "--destroy and --rotate contradict each other");
  }
  return {};
}

Result<run::Selection> select_tenants(Invocation& invocation, PlanningArguments const& arguments) {
  auto const checked = check(arguments);
  if (!checked) return checked.error();
  auto const choice = choose_shard(arguments.shard, invocation.environment);
  if (!choice) return choice.error();
  if (choice->shard && !choice->source.empty()) {
    invocation.console.note(fmt::format("shard {}, from {}; --shard none takes all tenants",
                                        choice->shard->text(), choice->source));
  }
  run::Selection selection;
  selection.targets = arguments.targets;
  selection.excludes = arguments.excludes;
  selection.waves = arguments.waves;
  selection.shard = choice->shard;
  return selection;
}

std::string group_of(std::optional<Shard> const& shard, EnvironmentReader const& environment) {
  bool const named = !environment("TENANTRY_RUN_ID").value_or("").empty();
  return shard || named ? state::run_group() : std::string();
}

run::PlanOptions plan_options(Invocation const& invocation, PlanningArguments const& arguments,
                              run::Selection selection) {
  run::PlanOptions options;
  options.selection = std::move(selection);
  options.replace = arguments.replace;
  options.rotate = arguments.rotate;
  options.refresh = arguments.no_refresh ? run::Refresh::none : run::Refresh::live;
  options.changed_only = arguments.changed;
  options.destroy = arguments.destroy;
  options.adopt = arguments.adopt;
  options.allow_deactivate = arguments.allow_deactivate;
  options.acknowledged.insert(arguments.acknowledged.begin(), arguments.acknowledged.end());
  options.parallelism = static_cast<std::size_t>(arguments.parallelism);
  options.group = group_of(options.selection.shard, invocation.environment);
  options.owner = state::this_process("tenantry " + invocation.command, invocation.clock);
  options.lock_timeout = std::chrono::seconds(arguments.lock_timeout_seconds);
  return options;
}

RunRequest run_request(std::shared_ptr<config::Configuration const> configuration,
                       PlanningArguments const& arguments, run::Selection selection) {
  RunRequest request;
  request.configuration = std::move(configuration);
  if (arguments.configuration.emulated) request.target = config::Target::emulated;
  request.selection = std::move(selection);
  request.lock_timeout = std::chrono::seconds(arguments.lock_timeout_seconds);
  request.calls_max = static_cast<std::size_t>(arguments.parallelism);
  return request;
}

namespace {

/// Without the patterns that may mean a tenant of another shard: its runner knows what fits.
std::vector<std::string> of_this_shard(std::vector<std::string> patterns,
                                       std::optional<Shard> const& shard,
                                       config::Configuration const& configuration) {
  if (!shard) return patterns;
  std::erase_if(patterns, [&](auto const& pattern) {
    auto const tenant_part = pattern.substr(0, pattern.find('/'));
    return std::ranges::any_of(configuration.tenants(), [&](auto const& tenant) {
      return !shard->holds(tenant.key) && glob_matches(tenant_part, tenant.key);
    });
  });
  return patterns;
}

}  // namespace

Result<plans::Plan> make_plan(RunEnvironment& environment, run::PlanOptions options) {
  auto const& configuration = environment.context().configuration;
  auto const in_waves = check_waves(configuration, options);
  if (!in_waves) return in_waves.error();
  auto const elsewhere = of_other_shards(configuration, options);
  auto const& shard = options.selection.shard;
  auto const targets = of_this_shard(options.selection.targets, shard, configuration);
  auto const replace = of_this_shard(options.replace, shard, configuration);
  auto const rotate = of_this_shard(options.rotate, shard, configuration);
  auto const unknown = unknown_excludes(configuration, options.selection.excludes);
  options.idle_calls = [&environment] { return environment.idle_calls(); };
  auto plan = environment.run(run::make_plan(environment.context(), std::move(options)));
  if (!plan) return plan;
  if (plan->tool_version.empty()) plan->tool_version = version();
  for (auto const& warning : elsewhere) plan->warnings.add(warning);
  for (auto const& warning : unknown) plan->warnings.add(warning);
  for (auto const& [flag, patterns] :
       {std::pair{"--target", &targets}, {"--replace", &replace}, {"--rotate", &rotate}}) {
    if (check_patterns(*plan, flag, *patterns)) continue;
    // Only now, for the suggestion: expanding tenants is not free.
    return check_patterns(*plan, flag, *patterns, declared(configuration, *patterns)).error();
  }
  return plan;
}

namespace {

Result<bool> fits(plans::Plan const& plan, std::string const& pattern) {
  auto const tenant_part = pattern.substr(0, pattern.find('/'));
  // These hold only what drifted or is taken over; the rest is known to the engine alone.
  bool const thinned = plan.refresh_only || plan.adopt_only;
  if (plan.fitting.contains(pattern)) return true;
  for (std::size_t i = 0; i < plan.tenants.size(); ++i) {
    auto const& summary = plan.tenants[i];
    Address const own{summary.key, {}, {}};
    bool const unseen = thinned || summary.error.has_value() || summary.paused;
    if (selects(pattern, own) || (unseen && selects(tenant_part, own))) return true;
    bool const spans = pattern.find("**") != std::string::npos;
    if (!spans && !glob_matches(tenant_part, summary.key)) continue;
    auto const tenant = plan.tenants.read(i);
    if (!tenant) return tenant.error();
    bool const found = std::ranges::any_of(
        tenant->changes, [&](auto const& change) { return selects(pattern, change.address); });
    if (found) return true;
  }
  return false;
}

}  // namespace

Result<void> check_patterns(plans::Plan const& plan, std::string_view flag,
                            std::vector<std::string> const& patterns,
                            std::vector<std::string> known) {
  for (auto const& pattern : patterns) {
    auto const fitting = fits(plan, pattern);
    if (!fitting) return fitting.error();
    if (*fitting) continue;
    auto const read = plan.tenants.for_each([&](plans::TenantPlan const& tenant) {
      for (auto const& change : tenant.changes) known.push_back(change.address.text());
    });
    if (!read) return read;
    bool const is_left_out = std::ranges::any_of(known, [&](std::string const& text) {
      auto const address = parse_address(text);
      return address && selects(pattern, *address);
    });
    if (is_left_out) {
      return Error(Errc::not_found,
                   fmt::format("{} {}: nothing is left of what it fits", flag, visible(pattern)),
                   "--exclude leaves it out, or something that it needs and that does not exist "
                   "yet");
    }
    return Error(Errc::not_found,
                 fmt::format("{} {} fits no address{}", flag, visible(pattern),
                             did_you_mean(pattern, known)),
                 "an address is a tenant (acme) or something in it (acme/groups/analysts); "
                 "globs stand in quotes: '*/groups/*'");
  }
  return {};
}

Result<void> UnchangedListing::attach(run::PlanOptions& options, PlanFormat format) {
  options.unchanged = run::Unchanged::counted;
  if (format != PlanFormat::json) return {};
  auto file = plans::UnchangedFile::create();
  if (!file) return file.error();
  file_.emplace(std::move(*file));
  options.unchanged_sink = this;
  return {};
}

Result<void> UnchangedListing::add(std::string const& tenant,
                                   std::vector<plans::Change> unchanged) {
  return file_->add(tenant, unchanged);
}

namespace {

/// Writes to standard output in pieces of some size.
class OutputPieces {
 public:
  explicit OutputPieces(Console& console) : console_(console) {}
  void operator()(std::string_view text) {
    constexpr std::size_t kPiece = 64 << 10;  // bytes of one write
    pending_ += text;
    if (pending_.size() >= kPiece) flush();
  }
  void flush() {
    console_.out(pending_);
    pending_.clear();
  }

 private:
  Console& console_;
  std::string pending_;
};

Result<void> write_plan_as(PlanFormat format, Invocation& invocation, plans::Plan const& plan,
                           plans::UnchangedFile const* unchanged, OutputPieces& pieces) {
  auto const sink = [&pieces](std::string_view text) { pieces(text); };
  switch (format) {
    case PlanFormat::json:
      return plans::write_terraform_json(plan, unchanged, sink);
    case PlanFormat::markdown:
      return plans::write_markdown(plan, {}, sink);
    case PlanFormat::html:
      return plans::write_html(plan, {}, sink);
    case PlanFormat::github:
      return plans::write_annotations(plan, SourcePaths::of(invocation.environment), sink);
    case PlanFormat::text:
      break;
  }
  plans::TextOptions options;
  options.color = invocation.console.style().color_output;
  options.width = invocation.console.style().columns;
  return plans::write_text(plan, options, sink);
}

}  // namespace

Result<void> show_plan(Invocation& invocation, plans::Plan const& plan, PlanFormat format,
                       plans::UnchangedFile const* unchanged) {
  OutputPieces pieces(invocation.console);
  auto const written = write_plan_as(format, invocation, plan, unchanged, pieces);
  pieces.flush();
  return written;
}

}  // namespace tenantry::cli
