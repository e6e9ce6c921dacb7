#include "engine/run/earlier_run.hpp"

#include <algorithm>

#include "engine/run/resolve.hpp"
#include "engine/run/situation.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
using plans::Reason;
namespace {

/// Operations of a tenant that are looked at: several for each change, and several runs.
constexpr std::size_t kEntriesPerChange = 16;
constexpr std::size_t kEntriesMin = 256;

bool is_of(std::string const& plan_digest, state::HistoryEntry const& entry) {
  return text_at(entry.intent.context, kPlanContext) == plan_digest;
}

/// The status of the last operation on each address, where all of them since the first one of the
/// plan are of the plan; nothing otherwise, and where it never began.
std::optional<std::map<Address, std::string>> last_of_plan(
    std::vector<state::HistoryEntry> const& history, std::string const& plan_digest) {
  auto const is_ours = [&](auto const& entry) { return is_of(plan_digest, entry); };
  auto const first = std::ranges::find_if(history, is_ours);
  if (first == history.end() || !std::all_of(first, history.end(), is_ours)) return std::nullopt;
  std::map<Address, std::string> last;
  for (auto entry = first; entry != history.end(); ++entry) {
    last[entry->intent.address] = entry->status;
  }
  return last;
}

/// Whether the state says that what `change` wants is there.
class Outcomes {
 public:
  Outcomes(Provider const& provider, state::TenantState const& state)
      : provider_(provider), state_(state) {
    if (auto const* self = state.find({state.key, {}, {}})) {
      hostname_ = hostname_of(*self);
      id_ = self->id.text();
    }
  }

  bool is_there(Change const& change) const {
    auto const* row = state_.find(change.address);
    switch (change.action) {
      case Action::delete_:
      case Action::forget:
        return row == nullptr;
      case Action::deactivate:
        return row != nullptr && text_at(row->extra, "status") == "disabled";
      case Action::replace:
        return row != nullptr && row->id != change.id && is_recorded(*row, change);
      case Action::create:
        return row != nullptr && is_recorded(*row, change);
      default:
        return row != nullptr && row->id == change.id && is_recorded(*row, change);
    }
  }

  /// Whether `change` can still be made: a step of it that is done must not be done twice.
  bool is_ahead(Change const& change) const {
    auto const* row = state_.find(change.address);
    if (change.action == Action::create) return row == nullptr;
    if (change.action == Action::adopt && row == nullptr) return true;
    return row != nullptr && row->id == change.id;
  }

 private:
  bool is_recorded(state::ResourceRecord const& row, Change const& change) const {
    bool const is_tenant = change.address.is_tenant();
    auto const* type = is_tenant ? nullptr : provider_.find(change.address.section);
    if (!is_tenant && type == nullptr) return false;
    if (is_tenant && text_at(row.extra, "status") != "active") return false;
    auto wanted = resolve_tenant(change.after, hostname_, id_).get_object();
    if (is_tenant) wanted.erase("datacenter");  // chosen once, no attribute of the row
    auto const& schema = is_tenant ? provider_.tenant().schema() : type->schema();
    return plans::is_recorded(schema, row, wanted, change.left_alone, change.parts);
  }

  Provider const& provider_;
  state::TenantState const& state_;
  std::string hostname_;
  std::string id_;
};

}  // namespace

Task<std::optional<std::set<Address>>> done_earlier(Context& context, ApplyOptions const& options,
                                                    plans::TenantPlan const& plan,
                                                    state::TenantState state) {
  using Done = std::optional<std::set<Address>>;
  auto const entries_max = std::max(kEntriesMin, plan.changes.size() * kEntriesPerChange);
  auto const history = co_await context.store.history(plan.key, entries_max);
  if (!history) co_return history.error();
  auto const last = last_of_plan(*history, options.plan_digest);
  bool const is_as_configured =
      !plan.config_digest.empty() && state.config_digest == plan.config_digest;
  if (!last && !is_as_configured) co_return Done();
  auto const made_by_plan = [&](Address const& address) {
    auto const found = last->find(address);
    return found != last->end() && found->second == "done";
  };
  Outcomes const outcomes(context.provider, state);
  std::set<Address> done;
  for (auto const& change : plan.changes) {
    if (!change.changes_something()) continue;
    // A new secret leaves no trace in what the configuration wants.
    bool const is_made = last ? made_by_plan(change.address) : change.reason != Reason::secret_due;
    if (is_made && outcomes.is_there(change)) {
      done.insert(change.address);
    } else if (!last || !outcomes.is_ahead(change)) {
      co_return Done();
    }
  }
  co_return Done(std::move(done));
}

}  // namespace tenantry::run
