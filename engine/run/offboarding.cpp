#include "engine/run/offboarding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/core/text.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Reason;
namespace {

constexpr int kPurgeDaysDefault = 30;  // what Qlik Cloud uses when no days are sent

class Offboarding {
 public:
  explicit Offboarding(OffboardingInput input) : in_(std::move(input)) {}

  OffboardingPlan run() {
    auto const* row = in_.state.find({in_.state.key, {}, {}});
    if (row == nullptr) return {};  // declared as deactivated and never owned, or forgotten already
    if (is_disabled(*row)) {
      going(*row);
    } else {
      deactivate();
    }
    return std::move(out_);
  }

 private:
  WallTime now() const { return in_.context.clock.wall(); }

  std::optional<int> days() const {
    return in_.declared != nullptr ? in_.declared->purge_after_days : std::nullopt;
  }

  // --- a tenant whose countdown runs ---

  void going(state::ResourceRecord const& row) {
    auto const date = parse_time(text_at(row.extra, "purgeDate"));
    if (date && *date < now()) {
      if (in_.declared == nullptr) forget();
      return;
    }
    if (in_.declared == nullptr || !date) return;
    if (in_.declared->hold) held(*in_.declared->hold, *date);
    check_days(row);
  }

  void forget() {
    in_.change.action = Action::forget;
    in_.change.reason = Reason::purge_date_passed;
    out_.change = std::move(in_.change);
  }

  void held(config::Hold const& hold, WallTime purge) {
    auto const reason = hold.reason.empty() ? "" : fmt::format(" ({})", hold.reason);
    if (hold.until < now()) {
      warn(hold.where, fmt::format("the hold{} has ended", reason),
           fmt::format("The tenant is purged on or after {}.", format_time(purge)),
           "extend `hold.until`, or take the hold out");
      return;
    }
    if (purge >= hold.until) return;  // the countdown ends after the hold
    auto const whole = std::chrono::hours(24 * days().value_or(kPurgeDaysDefault));
    if (purge - now() > whole / 2) {
      warn(hold.where,
           fmt::format("held until {}{}, but the purge comes before", format_date(hold.until),
                       reason),
           fmt::format("The countdown ends {}; a run after {} restarts it.", format_time(purge),
                       format_date(purge - whole / 2)),
           "run `tenantry apply` on a schedule, so that it is restarted in time");
      return;
    }
    auto& change = in_.change;
    change.action = Action::deactivate;
    change.reason = Reason::held;
    change.reason_detail = fmt::format("held until {}{}: restarts the countdown, which ends {}",
                                       format_date(hold.until), reason, format_time(purge));
    send_days();
    out_.change = std::move(change);
  }

  static std::string format_date(WallTime time) { return format_time(time).substr(0, 10); }

  /// The countdown runs with the days that it was started with.
  void check_days(state::ResourceRecord const& row) {
    auto const* started = find(row.extra, "purgeAfterDays");
    if (out_.change || !days() || started == nullptr || !started->is_int64()) return;
    if (started->get_int64() == *days()) return;
    warn(
        in_.change.where,
        fmt::format("purgeAfterDays: {} has no effect on a countdown that runs", *days()),
        fmt::format("It was started with {} days and ends {}. Only a new deactivation restarts it.",
                    started->get_int64(), text_at(row.extra, "purgeDate")),
        "");
  }

  void warn(SourceRange where, std::string summary, std::string detail, std::string hint) {
    out_.warnings.push_back({Severity::warning, std::move(where), in_.state.key, std::move(summary),
                             std::move(detail), std::move(hint)});
  }

  // --- a tenant that answers ---

  void deactivate() {
    auto& change = in_.change;
    change.action = Action::deactivate;
    change.reason = in_.options.destroy       ? Reason::destroy_requested
                    : in_.declared != nullptr ? Reason::declared_deactivated
                                              : Reason::tenant_removed;
    send_days();
    report();
    out_.change = std::move(change);
  }

  void send_days() {
    if (days()) in_.change.meta["purgeAfterDays"] = *days();
    out_.register_writes += 1;
  }

  /// What ends with the tenant, for whoever reads the plan.
  void report() {
    auto& notes = in_.change.notes;
    auto const count = days().value_or(kPurgeDaysDefault);
    notes.push_back(
        fmt::format("nobody can sign in from then on; content is kept for {} days, until then the "
                    "tenant can be "
                    "reactivated",
                    count));
    std::map<std::string, std::vector<std::string>> ending;
    for (auto const& [address, row] : in_.state.resources) {
      if (!address.is_tenant()) ending[address.section].push_back(name_of_row(row));
    }
    for (auto& [section, names] : ending) notes.push_back(ends(section, std::move(names)));
    notes.push_back(
        "licence assignments are not freed by the purge: remove them before, where they are "
        "needed");
  }

  static std::string name_of_row(state::ResourceRecord const& row) {
    auto name = text_at(row.applied, "name");
    if (name.empty()) name = text_at(row.applied, "clientName");
    return name.empty() ? row.address.key : name;
  }

  std::string ends(std::string const& section, std::vector<std::string> names) const {
    constexpr std::size_t kShown = 5;
    auto const* type = in_.context.provider.find(section);
    auto const count = names.size();
    auto const what = type != nullptr ? counted(count, type->schema().singular) : section;
    bool const more = names.size() > kShown;
    if (more) names.resize(kShown);
    return fmt::format("ends with it: {} ({}{})", what, fmt::join(names, ", "),
                       more ? ", ..." : "");
  }

  OffboardingInput in_;
  OffboardingPlan out_;
};

}  // namespace

OffboardingPlan plan_offboarding(OffboardingInput input) {
  return Offboarding(std::move(input)).run();
}

}  // namespace tenantry::run
