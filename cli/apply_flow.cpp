#include "cli/apply_flow.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/apply_report.hpp"
#include "cli/configuration_loading.hpp"
#include "cli/event_stream.hpp"
#include "cli/planning.hpp"
#include "cli/process.hpp"
#include "cli/progress_view.hpp"
#include "cli/prompt.hpp"
#include "cli/report.hpp"
#include "engine/core/text.hpp"
#include "engine/run/shared_limits.hpp"
#include "plans/plan_file.hpp"
#include "plans/render.hpp"
#include "state/lock_owner.hpp"

namespace tenantry::cli {
namespace {

/// The words of one run, to a person or to a program.
class Voice {
 public:
  Voice(Invocation& invocation, bool json) : invocation_(invocation) {
    if (json) {
      events_ = std::make_unique<EventStream>(invocation.console, invocation.clock);
    } else {
      progress_ = std::make_unique<ProgressView>(invocation.console, invocation.clock);
    }
  }
  run::Observer& observer() {
    if (events_) return *events_;
    return *progress_;
  }
  /// A question comes: nothing is drawn over it.
  void pause() {
    if (progress_) progress_->finish();
  }
  void tick() {
    if (events_) events_->tick();
    if (progress_) progress_->tick();
  }

  Result<void> planned(plans::Plan const& plan, bool saved) {
    auto& console = invocation_.console;
    console.err(diagnostics_text(plan.warnings, console.style().log_level));
    if (events_) return events_->planned(plan);
    progress_->expect(plan);
    auto shown = plan.shard ? plans::shard_line(plan) + '\n' : std::string();
    for (auto const& line : plans::wave_lines(plan)) shown += line + '\n';
    if (!saved) return show_plan(invocation_, plan, PlanFormat::text);
    console.out(shown + plans::summary_line(plan) + '\n');
    return {};
  }

  /// Limits that are shared with other runs stop what the plan showed as going through.
  void stopped(plans::Change const& change) {
    if (events_) return events_->stopped(change);
    invocation_.console.warning(
        fmt::format("{} ({}) is stopped: {}", visible(change.address.text()),
                    plans::name_of(change.action), visible(change.guard->message)),
        visible(change.guard->hint));
  }

  Exit ended(run::ApplyReport const& report, Exit exit, std::string const& go_on) {
    if (events_) {
      events_->report(report, exit);
    } else {
      progress_->finish();
      invocation_.console.out('\n' + report_text(report, go_on));
    }
    return exit;
  }

  Exit failed(Error const& error) {
    if (progress_) progress_->finish();
    auto const exit = fail(invocation_, error);
    if (events_) events_->failed(error, exit);
    return exit;
  }

 private:
  Invocation& invocation_;
  std::unique_ptr<ProgressView> progress_;
  std::unique_ptr<EventStream> events_;
};

Result<void> check_flow(Invocation const& invocation, ApplyFlow const& flow) {
  auto const checked = check(flow.planning);
  if (!checked) return checked;
  auto const form = report_form(flow.report);
  if (!form) return form.error();
  auto const& planning = flow.planning;
  if (planning.changed && flow.refresh_only) return contradicts_changed("--refresh-only");
  bool const planned_anew = !planning.targets.empty() || !planning.excludes.empty() ||
                            !planning.replace.empty() || !planning.rotate.empty() ||
                            planning.no_refresh || planning.changed || planning.destroy ||
                            planning.adopt || !planning.waves.empty() || planning.shard ||
                            flow.refresh_only || flow.adopt_only;
  if (flow.plan_file && planned_anew) {
    return Error(Errc::invalid,
                 "a saved plan is carried out as it is: flags that change what is "
                 "planned cannot be given with it",
                 "give them to plan --out");
  }
  if (flow.plan_file || flow.auto_approve) return {};
  if (flow.json) {
    return Error(Errc::invalid, "--json leaves no room for a question",
                 "add --auto-approve, or apply a plan saved by plan --out");
  }
  if (can_ask(invocation.console.facts())) return {};
  return Error(Errc::invalid, "nobody can be asked: this is not a terminal",
               "add --auto-approve, or apply a plan saved by plan --out");
}

/// A guard of a saved plan may be lifted when the plan is carried out.
void lift_guards(plans::TenantPlan& tenant, PlanningArguments const& planning) {
  for (auto& change : tenant.changes) {
    if (!change.guard) continue;
    auto const digest = plans::digest_of(change);
    bool const named =
        std::ranges::find(planning.acknowledged, digest) != planning.acknowledged.end();
    bool const allowed = planning.allow_deactivate && change.guard->rule == "allow-deactivate";
    if (named || allowed) change.guard->acknowledged = true;
  }
}

Result<plans::SavedPlan> saved_plan(ApplyFlow const& flow) {
  auto saved = plans::read_saved_plan(*flow.plan_file);
  if (!saved) return with_nearest_file(saved.error(), *flow.plan_file);
  auto& tenants = saved->plan.tenants;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    if (!tenants[i].guarded) continue;
    auto const lifted =
        tenants.edit(i, [&](plans::TenantPlan& tenant) { lift_guards(tenant, flow.planning); });
    if (!lifted) return lifted.error();
  }
  return saved;
}

/// The tenants that a saved plan changes: only their credentials are needed.
run::Selection selection_of(plans::Plan const& plan) {
  run::Selection selection;
  for (auto const& tenant : plan.tenants) {
    if (tenant.has_changes()) selection.targets.push_back(tenant.key);
  }
  return selection;
}

bool anything_to_do(plans::Plan const& plan) {
  return std::ranges::any_of(plan.tenants, [](auto const& tenant) {
    return tenant.has_changes() && !tenant.error && !tenant.stopped_by_guard();
  });
}

run::ApplyOptions apply_options(Invocation& invocation, ApplyFlow const& flow,
                                std::optional<Shard> const& shard,
                                config::Configuration const& configuration) {
  auto const command = "tenantry " + invocation.command;
  run::ApplyOptions options;
  options.run = state::this_run(command, commit_of(configuration.folder()), flow.reason,
                                invocation.clock, invocation.random);
  options.run.group = group_of(shard, invocation.environment);
  if (shard) options.run.shard = shard->text();
  options.run.history_from = format_time(invocation.clock.wall() - configuration.policy().history);
  options.owner = state::this_process(command, invocation.clock);
  options.lock_timeout = std::chrono::seconds(flow.planning.lock_timeout_seconds);
  options.parallelism = static_cast<std::size_t>(flow.planning.parallelism);
  options.verify_before_call = flow.plan_file.has_value();
  options.list_done = flow.report.file.has_value();
  return options;
}

Error of_another_state(ApplyFlow const& flow, std::string_view than) {
  return Error(Errc::stale, fmt::format("{} was made from another state {}", *flow.plan_file, than),
               "make a new plan, or name the right state by --state or --emulated");
}

Result<plans::Plan> plan_of(RunEnvironment& environment, ApplyFlow const& flow,
                            std::optional<plans::SavedPlan> saved,
                            std::optional<run::PlanOptions> planning) {
  if (saved) {
    auto const& info = environment.store().info();
    if (saved->plan.lineage != info.lineage) {
      return of_another_state(flow, fmt::format("than {}", info.location));
    }
    auto const sealed = saved->check_seal(info.salt);
    if (sealed) return std::move(saved->plan);
    auto error = sealed.error();
    error.message = fmt::format("{}: {}", *flow.plan_file, error.message);
    return error;
  }
  return make_plan(environment, std::move(*planning));
}

/// None for a saved plan.
std::optional<run::PlanOptions> planning_of(Invocation const& invocation, ApplyFlow const& flow,
                                            run::Selection selection, run::LockSet& locks) {
  if (flow.plan_file) return std::nullopt;
  auto options = plan_options(invocation, flow.planning, std::move(selection));
  options.unchanged = run::Unchanged::counted;
  options.refresh_only = flow.refresh_only;
  options.adopt_only = flow.adopt_only;
  options.locks = &locks;
  return options;
}

/// Limits are meant for the whole run, and this runner would count alone.
void warn_of_lone_limits(Invocation& invocation, config::Configuration const& configuration,
                         state::Run const& run) {
  auto const& policy = configuration.policy();
  bool const limited =
      policy.max_creates || policy.max_deletes || policy.max_deactivates || configuration.rollout();
  if (run.shard.empty() || !run.group.empty() || !limited) return;
  invocation.console.warning(
      "the limits of `policy` and of the rollout count for this shard alone",
      "set TENANTRY_RUN_ID to the same value for all runners of one run, and to a new one for each "
      "run");
}

/// Asks where that is needed. Errors: cancelled by a signal.
Result<bool> approved(Invocation& invocation, RunEnvironment& environment, ApplyFlow const& flow,
                      plans::Plan const& plan) {
  if (flow.auto_approve || flow.plan_file || !anything_to_do(plan)) return true;
  return environment.run(confirm(environment.executor(), invocation.console, environment.signals(),
                                 '\n' + flow.question));
}

/// How the wave before it went stands in the line above, where progress is shown at all.
std::string question_between(Console const& console, run::WaveReport const& before,
                             run::WaveReport const& next) {
  auto const went = console.style().log_level >= LogLevel::info
                        ? std::string()
                        : fmt::format("Wave {}: {} done, {} failed. ", visible(before.name),
                                      counted(before.done, "tenant"), before.failed);
  return fmt::format("{}Go on with wave {} ({})? Only \"yes\" is accepted: ", went,
                     visible(next.name), counted(next.tenants, "tenant"));
}

/// Asks between waves, a saved plan too: it was looked at before anybody could see how the first
/// wave went. Empty where nobody is there to be asked, or wants to be.
decltype(run::ApplyOptions::approve_wave) approval(Invocation& invocation,
                                                   RunEnvironment& environment,
                                                   ApplyFlow const& flow, Voice& voice) {
  if (flow.auto_approve || flow.json || !can_ask(invocation.console.facts())) return {};
  return [&](run::WaveReport const& before, run::WaveReport const& next) {
    voice.pause();
    return confirm(environment.executor(), invocation.console, environment.signals(),
                   question_between(invocation.console, before, next));
  };
}

/// What the other runners of this run have planned counts too.
Result<void> reserve(RunEnvironment& environment, ApplyFlow const& flow, plans::Plan& plan,
                     std::string const& group, Voice& voice) {
  auto const& digests = flow.planning.acknowledged;
  std::set<std::string> acknowledged(digests.begin(), digests.end());
  return environment.run(
      run::reserve_limits(environment.context(), plan, group, std::move(acknowledged),
                          [&voice](plans::Change const& change) { voice.stopped(change); }));
}

std::string command_after(Invocation const& invocation, ApplyFlow const& flow,
                          plans::Plan const& plan, run::ApplyReport const& report) {
  if (flow.plan_file) {
    return command_to_go_on(invocation, flow.planning, *flow.plan_file, plan, report);
  }
  auto again = flow.planning;
  if (plan.shard) again.shard = plan.shard->text();  // also where the environment said so
  return command_again(invocation, invocation.command, again);
}

Exit carry_out(Invocation& invocation, RunEnvironment& environment, ApplyFlow const& flow,
               run::Selection selection, std::optional<plans::SavedPlan> saved, Voice& voice) {
  // Held from planning on, so that what was shown is what is done.
  run::LockSet locks;
  bool const is_saved = saved.has_value();
  auto const plan_digest = saved ? saved->digest : std::string();
  auto const planning = planning_of(invocation, flow, std::move(selection), locks);
  auto plan = plan_of(environment, flow, std::move(saved), planning);
  if (!plan) return voice.failed(plan.error());
  auto const told = voice.planned(*plan, is_saved);
  if (!told) return voice.failed(told.error());
  auto const answer = approved(invocation, environment, flow, *plan);
  if (!answer) return voice.failed(answer.error());
  if (!*answer) {
    invocation.console.err("Nothing was changed.\n");
    return Exit::failed;
  }
  auto options = apply_options(invocation, flow, plan->shard, environment.context().configuration);
  options.locks = &locks;
  options.idle_calls = [&environment] { return environment.idle_calls(); };
  options.planning = planning;
  options.plan_digest = plan_digest;
  options.approve_wave = approval(invocation, environment, flow, voice);
  warn_of_lone_limits(invocation, environment.context().configuration, options.run);
  auto const reserved = reserve(environment, flow, *plan, options.run.group, voice);
  if (!reserved) return voice.failed(reserved.error());
  auto const report =
      environment.run(run::apply_plan(environment.context(), *plan, std::move(options)));
  invocation.console.debug(fmt::format("{} calls", environment.calls()));
  if (!report) return voice.failed(report.error());
  auto const go_on = command_after(invocation, flow, *plan, *report);
  auto const exit = voice.ended(*report, exit_of(outcome_of(*report)), go_on);
  auto const form = report_form(flow.report);
  if (!form || !*form) return exit;
  auto const written = write_report(flow.report, **form, *plan, *report, exit, go_on);
  // What was done is done: the exit code goes on telling it.
  if (!written) invocation.console.error(written.error());
  return exit;
}

}  // namespace

Exit run_apply_flow(Invocation& invocation, ApplyFlow const& flow) {
  auto const checked = check_flow(invocation, flow);
  if (!checked) return fail(invocation, checked.error());
  Voice voice(invocation, flow.json);
  std::optional<plans::SavedPlan> saved;
  run::Selection selection;
  if (flow.plan_file) {
    auto read = saved_plan(flow);
    if (!read) return voice.failed(read.error());
    saved = std::move(*read);
    selection = selection_of(saved->plan);
  } else {
    auto chosen = select_tenants(invocation, flow.planning);
    if (!chosen) return voice.failed(chosen.error());
    selection = std::move(*chosen);
  }
  auto const configuration = load_configuration(invocation, flow.planning.configuration);
  if (!configuration) {
    return voice.failed(Error(Errc::invalid, "the configuration has errors"));
  }
  auto request = run_request(configuration, flow.planning, selection);
  // The one that it was made from.
  if (saved) request.state_mode = state::OpenMode::existing;
  auto environment = RunEnvironment::open(invocation, std::move(request), voice.observer());
  if (!environment) {
    auto const& error = environment.error();
    bool const no_state = saved && error.code == Errc::not_found;
    return voice.failed(no_state ? of_another_state(flow, "(" + error.message + ")") : error);
  }
  (*environment)->on_tick([&voice] { voice.tick(); });
  return carry_out(invocation, **environment, flow, std::move(selection), std::move(saved), voice);
}

}  // namespace tenantry::cli
