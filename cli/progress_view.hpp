// Progress for a person, on standard error.
#pragma once
#include <string>
#include <string_view>

#include "cli/console.hpp"
#include "cli/fleet_progress.hpp"
#include "engine/core/clock.hpp"
#include "engine/run/events.hpp"

namespace tenantry::cli {

/// A line for each tenant that is finished, and for each failure; in a run over few tenants also
/// for each change. On a terminal, below these, what is going on: the fleet's total with rate and
/// time left, and a line for each tenant in work, ten lines at most. Off a terminal planning tells
/// each tenth of a large fleet instead.
class ProgressView final : public run::Observer {
 public:
  /// Both must outlive this.
  ProgressView(Console& console, Clock& clock) : console_(console), progress_(clock) {}
  ~ProgressView() override { finish(); }

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

  /// What is told from now on is about carrying `plan` out.
  void expect(plans::Plan const& plan);
  /// Draws what is going on anew, so that times go on while nothing happens.
  void tick();
  /// Nothing is going on until a tenant is started: what was drawn goes away.
  void finish();

 private:
  /// A line that tells too much in a run over many tenants.
  void note_small(std::string const& line);
  void show();
  void draw();

  Console& console_;
  FleetProgress progress_;
  bool applying_ = false;
  bool active_ = false;
  SteadyTime drawn_{};
};

/// "created", "updated", ...: what an action has done once it is done.
std::string_view past_tense(plans::Action action);

}  // namespace tenantry::cli
