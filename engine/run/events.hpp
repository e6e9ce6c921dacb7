// What happens during a run, for whoever shows it.
#pragma once
#include <cstddef>
#include <string>

#include "engine/core/error.hpp"
#include "plans/plan.hpp"

namespace tenantry::run {

/// One wave of a rollout in one run.
struct WaveReport {
  std::string name;
  std::size_t tenants = 0;  ///< that have changes
  std::size_t done = 0;
  std::size_t failed = 0;   ///< those that could not be planned included
  std::size_t guarded = 0;  ///< stopped by a guard
  bool started = false;
  std::string stopped_because = {};  ///< why it was not started, or not all of its tenants
};

/// Told on the I/O thread, in order. All calls must return quickly.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Planning or applying begins.
  virtual void run_started(std::size_t tenants) { (void)tenants; }
  /// Work on a tenant begins.
  virtual void tenant_started(std::string const& tenant) { (void)tenant; }
  virtual void tenant_planned(plans::TenantPlan const& plan) { (void)plan; }
  /// Something that was left open by an earlier run was settled: "acme/groups/x: create was done".
  virtual void recovered(Address const& address, std::string const& what) {
    (void)address, (void)what;
  }
  virtual void change_started(plans::Change const& change) { (void)change; }
  /// How far a change is that takes long: "migration to ...: 40 %".
  virtual void change_progress(plans::Change const& change, std::string const& text) {
    (void)change, (void)text;
  }
  virtual void change_done(plans::Change const& change) { (void)change; }
  /// An earlier run of the same saved plan made it.
  virtual void change_passed(plans::Change const& change) { (void)change; }
  virtual void change_failed(plans::Change const& change, Error const& error) {
    (void)change, (void)error;
  }
  /// A secret reached its sink; `where` names the sink, never the secret.
  virtual void secret_delivered(Address const& address, std::string const& where) {
    (void)address, (void)where;
  }
  virtual void wave_started(WaveReport const& wave) { (void)wave; }
  /// All of its tenants are as they are wanted.
  virtual void wave_passed(WaveReport const& wave) { (void)wave; }
  virtual void wave_ended(WaveReport const& wave) { (void)wave; }
  /// All changes of the tenant that could be made or tried were.
  virtual void tenant_applied(std::string const& tenant) { (void)tenant; }
  /// No change of the tenant was tried: it is locked, a guard stops it, its state moved on.
  virtual void tenant_refused(std::string const& tenant, Error const& error) {
    (void)tenant, (void)error;
  }
};

}  // namespace tenantry::run
