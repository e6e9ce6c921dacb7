#include "cli/progress_view.hpp"

#include <fmt/format.h>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// From so many tenants on, planning tells how far it is.
constexpr std::size_t kTenantsWorthTelling = 20;
/// While planning, the status line is drawn at most this often: tenants may be many and fast.
constexpr std::chrono::milliseconds kStatusInterval{50};

std::string shown(Address const& address) { return visible(address.text()); }

}  // namespace

std::string_view past_tense(plans::Action action) {
  using plans::Action;
  switch (action) {
    case Action::no_op:
      return "unchanged";
    case Action::create:
      return "created";
    case Action::update:
      return "updated";
    case Action::replace:
      return "replaced";
    case Action::delete_:
      return "deleted";
    case Action::adopt:
      return "adopted";
    case Action::deactivate:
      return "deactivated";
    case Action::reactivate:
      return "reactivated";
    case Action::release:
      return "released";
    case Action::forget:
      return "forgotten";
  }
  return "done";
}

void ProgressView::run_started(std::size_t tenants) {
  if (applying_) return;
  tenants_ = tenants;
  planned_ = 0;
  show_status();
}

void ProgressView::tenant_planned(plans::TenantPlan const& plan) {
  ++planned_;
  if (plan.error) {
    console_.note(fmt::format("{}: cannot be planned: {}", visible(plan.key),
                              visible(describe(*plan.error))));
  }
  bool const at_a_tenth =
      tenants_ >= kTenantsWorthTelling && planned_ * 10 / tenants_ > (planned_ - 1) * 10 / tenants_;
  if (at_a_tenth && !console_.style().live_line) {
    console_.note(fmt::format("planned {} of {} tenants", planned_, tenants_));
  }
  show_status();
}

void ProgressView::recovered(Address const& address, std::string const& what) {
  console_.note(fmt::format("{}: settled: {}", shown(address), visible(what)));
}

void ProgressView::change_started(plans::Change const& change) {
  running_[change.address] = clock_.steady();
  show_status();
}

void ProgressView::change_progress(plans::Change const& change, std::string const& text) {
  auto const line = fmt::format("{}: {}", shown(change.address), visible(text));
  if (console_.style().live_line) {
    console_.status(line);
  } else {
    console_.note(line);
  }
}

void ProgressView::change_done(plans::Change const& change) {
  ++changes_ended_;
  console_.note(fmt::format("{}: {}{}", shown(change.address), past_tense(change.action),
                            duration_of(change.address)));
  show_status();
}

void ProgressView::change_failed(plans::Change const& change, Error const& error) {
  ++changes_ended_;
  console_.note(fmt::format("{}: {} failed{}: {}", shown(change.address),
                            plans::name_of(change.action), duration_of(change.address),
                            visible(describe(error))));
  show_status();
}

void ProgressView::secret_delivered(Address const& address, std::string const& where) {
  console_.note(fmt::format("{}: secret delivered to {}", shown(address), visible(where)));
}

void ProgressView::tenant_applied(std::string const& tenant) {
  console_.note(fmt::format("{}: complete", visible(tenant)));
}

std::string ProgressView::duration_of(Address const& address) {
  auto const started = running_.find(address);
  if (started == running_.end()) return {};
  auto const took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - started->second);
  running_.erase(started);
  return fmt::format(" ({:.1f} s)", static_cast<double>(took.count()) / 1000.0);
}

void ProgressView::show_status() {
  if (!console_.style().live_line) return;
  if (running_.empty()) {
    auto const now = clock_.steady();
    if (now - status_drawn_ < kStatusInterval && planned_ < tenants_) return;
    status_drawn_ = now;
    bool const planning = planned_ < tenants_;
    console_.status(planning ? fmt::format("planning: {} of {} tenants", planned_, tenants_)
                             : std::string{});
    return;
  }
  auto line = changes_expected_ > 0 ? fmt::format("[{}/{}] ", changes_ended_, changes_expected_)
                                    : fmt::format("[{}] ", changes_ended_);
  std::vector<std::string> names;
  for (auto const& [address, since] : running_) names.push_back(shown(address));
  line += fmt::format("{}", fmt::join(names, ", "));
  console_.status(std::move(line));
}

}  // namespace tenantry::cli
