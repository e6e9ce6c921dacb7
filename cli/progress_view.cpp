#include "cli/progress_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"

namespace tenantry::cli {
namespace {

/// From so many tenants on, planning tells how far it is, and applying no longer each change.
constexpr std::size_t kTenantsWorthTelling = 20;
/// Drawn at most this often: events may come by the thousand.
constexpr std::chrono::milliseconds kDrawInterval{50};
/// Lines on a terminal for tenants in work, besides the total and "and 12 more".
constexpr std::size_t kTenantsShown = 8;

std::string shown(Address const& address) { return visible(address.text()); }

std::string duration_text(std::optional<std::chrono::milliseconds> const& took) {
  if (!took) return {};
  return fmt::format(" ({:.1f} s)", static_cast<double>(took->count()) / 1000.0);
}

/// "28 changes done, 2 failed in 12.3 s"
std::string outcome_text(TenantInWork const& tenant, SteadyTime now) {
  auto text = counted(tenant.done, "change") + " done";
  if (tenant.failed > 0) text += fmt::format(", {} failed", tenant.failed);
  auto const ended = tenant.done + tenant.failed;
  if (ended < tenant.changes) text += fmt::format(", {} not begun", tenant.changes - ended);
  auto const took = std::chrono::duration<double>(now - tenant.since).count();
  return text + fmt::format(" in {:.1f} s", took);
}

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
  progress_.start(applying_ ? Phase::applying : Phase::planning, tenants);
  active_ = true;
  show();
}

void ProgressView::expect(plans::Plan const& plan) {
  finish();
  applying_ = true;
  progress_.expect(plan);
}

void ProgressView::tenant_started(std::string const& tenant) {
  progress_.tenant_started(tenant);
  active_ = true;
  show();
}

void ProgressView::tenant_planned(plans::TenantPlan const& plan) {
  progress_.tenant_ended(plan.key);
  if (plan.error) {
    console_.note(fmt::format("{}: cannot be planned: {}", visible(plan.key),
                              visible(describe(*plan.error))));
  }
  auto const all = progress_.tenants();
  auto const ended = progress_.tenants_ended();
  bool const at_a_tenth = all >= kTenantsWorthTelling && ended * 10 / all > (ended - 1) * 10 / all;
  if (at_a_tenth && !console_.style().live_line) {
    console_.note(fmt::format("planned {} of {} tenants", ended, all));
  }
  show();
}

void ProgressView::recovered(Address const& address, std::string const& what) {
  console_.note(fmt::format("{}: settled: {}", shown(address), visible(what)));
}

void ProgressView::change_started(plans::Change const& change) {
  progress_.change_started(change);
  show();
}

void ProgressView::change_progress(plans::Change const& change, std::string const& text) {
  progress_.change_progress(change, text);
  if (!console_.style().live_line) {
    console_.note(fmt::format("{}: {}", shown(change.address), visible(text)));
  }
  show();
}

void ProgressView::change_done(plans::Change const& change) {
  auto const took = progress_.change_ended(change, true);
  note_small(fmt::format("{}: {}{}", shown(change.address), past_tense(change.action),
                         duration_text(took)));
  show();
}

void ProgressView::change_passed(plans::Change const& change) {
  progress_.change_ended(change, true);
  note_small(fmt::format("{}: {} by an earlier run of this plan", shown(change.address),
                         past_tense(change.action)));
  show();
}

void ProgressView::change_failed(plans::Change const& change, Error const& error) {
  auto const took = progress_.change_ended(change, false);
  console_.note(fmt::format("{}: {} failed{}: {}", shown(change.address),
                            plans::name_of(change.action), duration_text(took),
                            visible(describe(error))));
  show();
}

void ProgressView::secret_delivered(Address const& address, std::string const& where) {
  note_small(fmt::format("{}: secret delivered to {}", shown(address), visible(where)));
}

void ProgressView::wave_started(run::WaveReport const& wave) {
  console_.note(
      fmt::format("Wave {}: {} with changes", visible(wave.name), counted(wave.tenants, "tenant")));
}

void ProgressView::wave_passed(run::WaveReport const& wave) {
  console_.note(fmt::format("Wave {}: nothing to do", visible(wave.name)));
}

void ProgressView::wave_ended(run::WaveReport const& wave) {
  // A question may follow, which nothing is to be drawn over.
  finish();
  auto const guarded =
      wave.guarded == 0 ? std::string() : fmt::format(", {} stopped by a guard", wave.guarded);
  console_.note(fmt::format("Wave {}: {} done, {} failed{}{}", visible(wave.name),
                            counted(wave.done, "tenant"), wave.failed, guarded,
                            wave.stopped_because.empty() ? "" : "; " + wave.stopped_because));
}

void ProgressView::tenant_applied(std::string const& tenant) {
  auto const ended = progress_.tenant_ended(tenant);
  // After a Ctrl-C nothing was begun of what was still ahead; the report tells of it.
  if (ended.done + ended.failed == 0) return show();
  console_.note(fmt::format("{}: {}", visible(tenant), outcome_text(ended, progress_.now())));
  show();
}

void ProgressView::tenant_refused(std::string const& tenant, Error const& error) {
  progress_.tenant_ended(tenant);
  console_.note(fmt::format("{}: not applied: {}", visible(tenant), visible(describe(error))));
  show();
}

void ProgressView::note_small(std::string const& line) {
  bool const many = progress_.tenants_expected() >= kTenantsWorthTelling;
  if (many) {
    console_.debug(line);
  } else {
    console_.note(line);
  }
}

void ProgressView::tick() {
  if (active_ && progress_.tenants_ended() < progress_.tenants()) draw();
}

void ProgressView::finish() {
  active_ = false;
  console_.status({});
}

void ProgressView::show() {
  if (!active_ || !console_.style().live_line) return;
  bool const over = progress_.tenants_ended() >= progress_.tenants();
  if (over) {
    console_.status({});
  } else if (progress_.now() - drawn_ >= kDrawInterval) {
    draw();
  }
}

void ProgressView::draw() {
  drawn_ = progress_.now();
  std::vector<std::string> lines{headline(progress_)};
  auto const tenants = progress_.in_work();
  auto shown_max = std::min(kTenantsShown, console_.status_lines_max() - 1);
  // Where they are too many for a small terminal, the last line counts the rest.
  bool const has_room = shown_max == kTenantsShown || tenants.size() <= shown_max;
  if (!has_room && shown_max > 0) --shown_max;
  for (auto const* tenant : tenants) {
    if (lines.size() > shown_max) break;
    lines.push_back("  " + line_of(*tenant, progress_.now()));
  }
  auto const more = tenants.size() + 1 - lines.size();
  if (more > 0) lines.push_back(fmt::format("  and {} more", more));
  console_.status(std::move(lines));
}

}  // namespace tenantry::cli
