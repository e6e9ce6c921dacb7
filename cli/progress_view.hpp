// Progress for a person, on standard error.
#pragma once
#include <cstddef>
#include <map>
#include <string>

#include "cli/console.hpp"
#include "engine/core/clock.hpp"
#include "engine/run/events.hpp"

namespace tenantry::cli {

/// One line for each change and each tenant that is finished; on a terminal also a status line with
/// what is going on. While planning, a line for each tenth of a large fleet.
class ProgressView final : public run::Observer {
 public:
  /// Both must outlive this.
  ProgressView(Console& console, Clock& clock) : console_(console), clock_(clock) {}
  ~ProgressView() override { console_.status({}); }

  void run_started(std::size_t tenants) override;
  void tenant_planned(plans::TenantPlan const& plan) override;
  void recovered(Address const& address, std::string const& what) override;
  void change_started(plans::Change const& change) override;
  void change_progress(plans::Change const& change, std::string const& text) override;
  void change_done(plans::Change const& change) override;
  void change_failed(plans::Change const& change, Error const& error) override;
  void secret_delivered(Address const& address, std::string const& where) override;
  void tenant_applied(std::string const& tenant) override;

  /// How many changes an apply is about to make, for "12 of 40". Unknown where it is not told.
  /// Planning is over then.
  void expect_changes(std::size_t changes) {
    changes_expected_ = changes;
    applying_ = true;
  }
  /// Nothing is going on any more: the status line goes away.
  void finish() { console_.status({}); }

 private:
  std::string duration_of(Address const& address);
  void show_status();

  Console& console_;
  Clock& clock_;
  std::size_t tenants_ = 0;
  std::size_t planned_ = 0;
  bool applying_ = false;
  std::size_t changes_expected_ = 0;
  std::size_t changes_ended_ = 0;
  std::map<Address, SteadyTime> running_;
  SteadyTime status_drawn_{};
};

/// "created", "updated", ...: what an action has done once it is done.
std::string_view past_tense(plans::Action action);

}  // namespace tenantry::cli
