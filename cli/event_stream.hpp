// Progress for programs: one JSON object a line on standard output (docs/cli.md, "Events").
#pragma once
#include <string>

#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/fleet_progress.hpp"
#include "engine/core/clock.hpp"
#include "engine/core/value.hpp"
#include "engine/run/events.hpp"

namespace tenantry::cli {

/// Version of the events. Members may be added; what is there keeps its meaning.
inline constexpr int kEventFormat = 1;

/// Writes events as they happen. Values of attributes are never in them.
class EventStream final : public run::Observer {
 public:
  /// Writes the "version" event. Both must outlive this.
  EventStream(Console& console, Clock& clock);

  void run_started(std::size_t tenants) override;
  void tenant_started(std::string const& tenant) override;
  void tenant_planned(plans::TenantPlan const& plan) override;
  void recovered(Address const& address, std::string const& what) override;
  void change_started(plans::Change const& change) override;
  void change_progress(plans::Change const& change, std::string const& text) override;
  void change_done(plans::Change const& change) override;
  void change_passed(plans::Change const& change) override;
  void change_failed(plans::Change const& change, Error const& error) override;
  void secret_delivered(Address const& address, std::string const& where) override;
  void wave_started(run::WaveReport const& wave) override;
  void wave_passed(run::WaveReport const& wave) override;
  void wave_ended(run::WaveReport const& wave) override;
  void tenant_applied(std::string const& tenant) override;
  void tenant_refused(std::string const& tenant, Error const& error) override;

  /// "progress", where the last one is a while ago.
  void tick();

  /// The plan as a whole: "planned_change" for each change, then "plan" with the counts.
  /// Errors: those of reading the plan, which must be there until the report.
  Result<void> planned(plans::Plan const& plan);
  /// What the limits stop that are shared with other runs: known only when the plan is applied.
  void stopped(plans::Change const& change);
  /// "report": how all of it ended. The last event.
  void report(run::ApplyReport const& report, Exit exit);
  /// "report" of a run that failed as a whole.
  void failed(Error const& error, Exit exit);

 private:
  void add_not_begun(run::TenantNotBegun const& tenant, Array& unfinished) const;
  std::int64_t milliseconds_since(SteadyTime since) const;
  void write(std::string_view type, Object members);
  Object about(plans::Change const& change);

  Console& console_;
  Clock& clock_;
  FleetProgress progress_;
  plans::Plan const* plan_ = nullptr;  ///< that is carried out
  Phase phase_ = Phase::planning;
  SteadyTime progress_told_;
};

/// {"code", "message", "hint", "request", "status", "apiCode", "traceId"}; those that are known.
Object to_json(Error const& error);
/// {"address", "action", "status", "reason", "error"}; the last two where there are any.
Object to_json(run::ChangeReport const& change);
/// How an apply ended as a whole: {"exitCode", "interrupted", "stoppedByGuard", "counts", "waves"}.
Object report_members(run::ApplyReport const& report, Exit exit);

}  // namespace tenantry::cli
