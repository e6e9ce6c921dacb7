#include "engine/run/tenant_recovery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/text.hpp"
#include "engine/run/live_tenant.hpp"

namespace tenantry::run {
namespace {

/// How far the clocks of the register host and of the console may be apart.
constexpr std::chrono::seconds kClocksApart{60};

class TenantRecovery {
 public:
  TenantRecovery(Context& context, OrganizationView& organization, config::Tenant const* declared,
                 state::TenantState const& state, state::Intent intent)
      : context_(context),
        organization_(organization),
        declared_(declared),
        state_(state),
        intent_(std::move(intent)) {}

  Task<Decision> run() {
    if (intent_.action == "create") co_return co_await creation();
    auto const* row = state_.find(intent_.address);
    if (row == nullptr) co_return Decision{dropped(), "had no tenant"};
    // Update, adopt, deactivate and reactivate leave the same thing when done twice; what is live
    // decides what is still to do.
    if (intent_.action != "deactivate" && intent_.action != "reactivate") {
      co_return Decision{dropped(), "is planned again from what is live"};
    }
    co_return co_await activity(*row);
  }

 private:
  Task<Decision> activity(state::ResourceRecord row) {
    auto connected = tenant_session(context_, declared_, text_at(row.extra, "region"),
                                    text_at(row.extra, "hostname"));
    if (!connected) co_return connected.error();
    auto read = co_await context_.provider.tenant().read(**connected, row.id);
    bool const disabled = !read && read.error().code == Errc::tenant_disabled;
    if (!read && !disabled) co_return read.error();
    if ((intent_.action == "deactivate") != disabled) {
      co_return Decision{dropped(), "had not happened"};
    }
    row.extra["status"] = disabled ? "disabled" : "active";
    if (disabled) {
      row.extra["purgeDate"] = text_at(intent_.context, "purgeDate");
      auto const* days = find(intent_.context, "purgeAfterDays");
      if (days != nullptr) row.extra["purgeAfterDays"] = *days;
    } else {
      row.extra.erase("purgeDate");
    }
    co_return Decision{done_with(std::move(row)), "was done"};
  }

  static state::Outcome done_with(state::ResourceRecord row) {
    return {.status = state::OutcomeStatus::done,
            .upsert = std::move(row),
            .removals = {},
            .error = {}};
  }

  Task<Decision> creation() {
    if (!organization_.configured()) co_return nobody_can_tell();
    auto found = co_await look();
    if (!found) co_return found.error();
    if (!*found && co_await wait_for_lists(context_, intent_, organization_.server_time())) {
      found = co_await look();
      if (!found) co_return found.error();
    }
    if (!*found) co_return Decision{dropped(), "had not happened"};
    auto const& listing = **found;
    organization_.claim(listing.id);
    auto what = "was done: " + visible(listing.hostnames.front());
    co_return Decision{done_with(created_row(listing)), std::move(what)};
  }

  Task<std::optional<TenantListing>> look() {
    auto listed = co_await organization_.fresh_tenants();
    if (!listed) co_return listed.error();
    // After the list, so that no other tenant's recovery claims the same one meanwhile.
    auto owned = co_await organization_.owned();
    if (!owned) co_return owned.error();
    auto& registration = context_.platform.registration(text_at(intent_.context, "region"));
    co_return find_created_tenant(intent_, *listed, *owned, registration);
  }

  Error nobody_can_tell() const {
    return {Errc::ambiguous,
            fmt::format("the creation of tenant {} was interrupted, and without an organization "
                        "client it cannot be found out whether it happened",
                        intent_.address.text()),
            fmt::format("look in the console for a tenant created at {}; then run: tenantry state "
                        "resolve {} --created ID (or --not-created)",
                        intent_.started_at, intent_.address.text())};
  }

  state::ResourceRecord created_row(TenantListing const& listing) const {
    state::ResourceRecord row;
    row.address = intent_.address;
    row.id = listing.id;
    row.extra = {{"hostname", listing.hostnames.front()},
                 {"region", text_at(intent_.context, "region")},
                 {"status", "active"}};
    row.created_at = format_time(context_.clock.wall());
    row.updated_at = row.created_at;
    return row;
  }

  Context& context_;
  OrganizationView& organization_;
  config::Tenant const* declared_;
  state::TenantState const& state_;
  state::Intent intent_;
};

/// What tells a creation's result from other tenants.
class Candidates {
 public:
  Candidates(state::Intent const& intent, std::set<RemoteId> const& owned)
      : before_(ids_before(intent)),
        owned_(owned),
        region_(text_at(intent.context, "region")),
        datacenter_(text_at(intent.planned, "datacenter")),
        since_(parse_time(text_at(intent.context, "serverTime"))) {}

  bool fits(TenantListing const& listing) const {
    if (before_.contains(listing.id.text()) || owned_.contains(listing.id)) return false;
    if (listing.status != "active" || listing.hostnames.size() != 1) return false;
    auto const created = parse_time(listing.created_at);
    if (since_ && created && *created < *since_ - kClocksApart) return false;
    auto const& host = listing.hostnames.front();
    bool const unnamed = listing.name == host.substr(0, host.find('.'));
    return unnamed && (listing.region.empty() || listing.region == region_) &&
           (datacenter_.empty() || listing.datacenter.empty() || listing.datacenter == datacenter_);
  }

 private:
  std::set<std::string> before_;
  std::set<RemoteId> const& owned_;
  std::string region_;
  std::string datacenter_;
  Result<WallTime> since_;
};

Error several_answers(state::Intent const& intent, std::vector<TenantListing> const& candidates,
                      std::string_view why) {
  std::vector<std::string> names;
  for (auto const& listing : candidates) {
    names.push_back(fmt::format("{} (id {}, created {})", visible(listing.hostnames.front()),
                                visible(listing.id.text()), visible(listing.created_at)));
  }
  return {Errc::ambiguous,
          fmt::format("the creation of tenant {} was interrupted, and it cannot be told which "
                      "tenant is its result, {}: {}",
                      intent.address.text(), why, fmt::join(names, ", ")),
          fmt::format("run: tenantry state resolve {} --created ID (or --not-created)",
                      intent.address.text())};
}

/// Who created the tenants that the state owns: ourselves, as the list names us.
std::set<std::string> our_names(std::vector<TenantListing> const& listed,
                                std::set<RemoteId> const& owned) {
  std::set<std::string> names;
  for (auto const& listing : listed) {
    if (owned.contains(listing.id)) names.insert(listing.created_by);
  }
  names.insert("");  // a list that does not tell
  return names;
}

}  // namespace

Result<std::optional<TenantListing>> find_created_tenant(state::Intent const& intent,
                                                         std::vector<TenantListing> const& listed,
                                                         std::set<RemoteId> const& owned,
                                                         Session const& registration) {
  Candidates const candidates(intent, owned);
  auto const names = our_names(listed, owned);
  std::vector<TenantListing> ours;
  std::vector<TenantListing> others;
  std::set<std::string> licences;
  for (auto const& listing : listed) {
    if (!candidates.fits(listing)) continue;
    bool const by_us =
        names.contains(listing.created_by) || registration.signs_in_as(listing.created_by);
    (by_us ? ours : others).push_back(listing);
    if (by_us) licences.insert(listing.license_number);
  }
  if (licences.size() > 1) {
    return several_answers(intent, ours, "since they are of several licences");
  }
  if (!ours.empty()) return std::optional(ours.front());
  if (!others.empty()) return several_answers(intent, others, "since others created it");
  return std::optional<TenantListing>();
}

state::Outcome dropped() {
  return {.status = state::OutcomeStatus::dropped, .upsert = {}, .removals = {}, .error = {}};
}

std::set<std::string> ids_before(state::Intent const& intent) {
  std::set<std::string> ids;
  auto const* list = find(intent.context, "idsBefore");
  if (list != nullptr && list->is_array()) {
    for (auto const& id : list->get_array()) {
      if (id.is_string()) ids.emplace(std::string_view(id.get_string()));
    }
  }
  return ids;
}

boost::asio::awaitable<bool> wait_for_lists(Context& context, state::Intent intent,
                                            std::optional<WallTime> server_time) {
  auto const delay = context.configuration.policy().list_delay;
  auto started = parse_time(text_at(intent.context, "serverTime"));
  auto now = server_time;
  if (!started || !now) {
    started = parse_time(intent.started_at);
    now = context.clock.wall();
  }
  // The call may have left long after its intent (it waits for a token and for the rate limit), and
  // the time in the intent is as old as the answer that told it. A clock that was set back must not
  // make it longer than it ever need be.
  constexpr std::chrono::minutes kCallMax{15};
  auto const passed = started ? *now - *started : WallTime::duration::zero();
  auto const left = std::min<WallTime::duration>(delay + kCallMax - passed, delay);
  if (left <= WallTime::duration::zero()) co_return false;
  co_await context.clock.sleep(left);
  co_return true;
}

Task<Decision> decide_tenant(Context& context, OrganizationView& organization,
                             config::Tenant const* declared, state::TenantState const& state,
                             state::Intent intent) {
  TenantRecovery recovery(context, organization, declared, state, std::move(intent));
  co_return co_await recovery.run();
}

}  // namespace tenantry::run
