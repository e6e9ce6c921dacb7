#include "engine/run/tenant_executor.hpp"

#include <fmt/format.h>

#include "engine/run/fleet_membership.hpp"
#include "engine/run/tenant_recovery.hpp"
#include "plans/diff.hpp"

namespace tenantry::run {
using plans::Action;
using plans::Change;
namespace {

constexpr std::chrono::hours kPurgeDefault{30 * 24};  // what Qlik Cloud uses when no days are sent

class TenantExecutor {
 public:
  TenantExecutor(TenantRuntime& runtime, Change const& change)
      : runtime_(runtime), change_(change), type_(runtime.context().provider.tenant()) {}

  Task<Ending> run() {
    switch (change_.action) {
      case Action::create:
        co_return co_await create();
      case Action::adopt:
        co_return co_await adopt();
      case Action::update:
        co_return co_await update(base_row());
      case Action::release:
        co_return co_await release();
      case Action::deactivate:
        co_return co_await deactivate();
      case Action::reactivate:
        co_return co_await reactivate();
      case Action::forget:
        co_return co_await forget();
      default:
        co_return Error(Errc::internal, "a tenant has no such action");
    }
  }

 private:
  state::ResourceRecord base_row() const {
    state::ResourceRecord row;
    if (auto const* prior = runtime_.state().find(change_.address)) row = *prior;
    row.address = change_.address;
    row.id = runtime_.id();
    row.prevent_destroy = change_.prevent_destroy;
    row.extra["hostname"] = runtime_.hostname();
    row.extra["region"] = runtime_.region();
    if (!row.extra.contains("status")) row.extra["status"] = "active";
    if (runtime_.declared() != nullptr) {
      note_fleet(row, runtime_.declared()->summary.fleet);
    }
    row.updated_at = runtime_.now();
    if (row.created_at.empty()) row.created_at = row.updated_at;
    return row;
  }

  Task<Ending> commit(std::int64_t operation, state::ResourceRecord row) {
    state::Outcome outcome;
    outcome.upsert = std::move(row);
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return done();
  }

  // --- create ---

  /// The creation call carries no name, and a lost answer leaves a tenant that costs a licence. So
  /// the intent keeps which tenants there were before.
  Task<Ending> create() {
    auto intent = runtime_.intent(change_, "create");
    intent.natural_key = text_at(change_.after, "alias");
    intent.context["region"] = runtime_.region();
    auto listed = co_await runtime_.organization().recent_tenants();
    if (!listed) co_return failed(listed.error());
    Array before;
    for (auto const& listing : *listed) before.emplace_back(listing.id.text());
    intent.context["idsBefore"] = std::move(before);
    if (auto const time = runtime_.organization().server_time()) {
      intent.context["serverTime"] = format_time(*time);
    }
    auto key = license_key();
    if (!key) co_return failed(key.error());
    auto operation = co_await runtime_.begin(intent);
    if (!operation) co_return operation.error();
    std::string datacenter = text_at(change_.after, "datacenter");
    auto& registration = runtime_.registration();
    auto created = co_await type_.create(registration, std::move(*key), std::move(datacenter));
    // A creation beside this one whose answer was lost may have found and taken this tenant while
    // our answer was on its way. They are alike: what that one made, if anything, is ours.
    if (created && !runtime_.organization().claim(created->id)) created = taken_by_another();
    if (!created && created.error().outcome_unknown()) {
      auto const why = created.error();
      created = co_await look_for_created(intent, why);
    }
    if (!created) co_return co_await runtime_.fail(*operation, created.error());
    co_return co_await created_as(*operation, std::move(*created));
  }

  static Error taken_by_another() {
    return {Errc::lost_reply,
            "another creation took the tenant that was made, since its own answer was lost",
            "run again: the next run finds out whether there is a second one"};
  }

  Result<Secret> license_key() const {
    auto const& context = runtime_.context();
    if (context.emulated_license_key) return *context.emulated_license_key;
    if (runtime_.declared() == nullptr)
      return Error(Errc::invalid, "the tenant is no longer declared");
    return config::reveal(runtime_.declared()->license_key, context.configuration.variables());
  }

  /// By the organization's list; without one the intent stays open, and a person decides.
  Task<TenantObject> look_for_created(state::Intent intent, Error why) {
    auto& organization = runtime_.organization();
    if (!organization.configured()) co_return why;
    auto listed = co_await organization.fresh_tenants();
    if (!listed) co_return why;
    // After the list, so that no other tenant's creation claims the same one meanwhile.
    auto owned = co_await organization.owned();
    if (!owned) co_return why;
    auto const found = find_created_tenant(intent, *listed, *owned, runtime_.registration());
    // Not there yet may mean that the list lags behind: still unknown, the next run looks again,
    // and tells where several fit.
    if (!found || !*found) co_return why;
    organization.claim((*found)->id);
    TenantObject out;
    out.id = (*found)->id;
    out.hostname = (*found)->hostnames.front();
    out.status = (*found)->status;
    co_return out;
  }

  Task<Ending> created_as(std::int64_t operation, TenantObject created) {
    runtime_.known_as(created.id, created.hostname);
    auto row = base_row();
    row.applied = {};
    row.observed = {};
    row.extra["status"] = "active";
    row.extra.erase("purgeDate");
    if (auto const datacenter = text_at(change_.after, "datacenter"); !datacenter.empty()) {
      row.extra["datacenter"] = datacenter;  // chosen once, never compared as an attribute
    }
    state::Outcome outcome;
    outcome.upsert = row;
    for (auto const& [address, old] : runtime_.state().resources) {
      // Rows of an earlier tenant of this key, purged since.
      if (!address.is_tenant()) outcome.removals.push_back(address);
    }
    auto committed = co_await runtime_.finish(operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return co_await update(std::move(row));
  }

  // --- its own attributes ---

  Object changed_attributes() const {
    Object changed;
    auto const after = runtime_.with_tenant(change_.after);
    for (auto const& attribute : change_.attributes) {
      if (attribute.name == "datacenter") continue;  // given at creation
      if (auto const* value = find(after, attribute.name)) changed[attribute.name] = *value;
    }
    return changed;
  }

  /// Sends what differs and stores `row` with it. Nothing is sent when nothing differs.
  Task<Ending> update(state::ResourceRecord row) {
    auto changed = changed_attributes();
    auto operation = co_await runtime_.begin(runtime_.intent(change_, "update"));
    if (!operation) co_return operation.error();
    if (changed.empty()) co_return co_await commit_written(*operation, std::move(row));
    auto session = runtime_.session();
    if (!session) co_return co_await runtime_.fail(*operation, session.error());
    auto updated = co_await type_.update(**session, runtime_.id(), runtime_.region(), changed);
    if (!updated && updated.error().outcome_unknown()) {
      auto const why = updated.error();
      updated = co_await look_for_update(changed, why);
    }
    if (!updated) co_return co_await runtime_.fail(*operation, updated.error());
    co_return co_await commit_written(*operation, std::move(row));
  }

  /// A PATCH of a tenant answers nothing, so the next refresh learns the server's form.
  Task<Ending> commit_written(std::int64_t operation, state::ResourceRecord row) {
    auto written = runtime_.with_tenant(change_.after);
    written.erase("datacenter");
    auto record =
        plans::record_after_write(type_.schema(), std::move(row), written, {}, change_.left_alone);
    if (!record) co_return co_await runtime_.fail(operation, record.error());
    co_return co_await commit(operation, std::move(*record));
  }

  Task<void> look_for_update(Object changed, Error why) {
    auto session = runtime_.session();
    if (!session) co_return why;
    auto read = co_await type_.read(**session, runtime_.id());
    if (!read) co_return why;
    for (auto const& member : changed) {
      auto const* live = find(read->attributes, member.key());
      if (live == nullptr || !plans::same_but_for_form(member.value(), *live)) {
        if (why.code == Errc::unavailable) why.code = Errc::rejected;
        co_return why;
      }
    }
    co_return Result<void>();
  }

  Task<Ending> adopt() { co_return co_await update(base_row()); }

  Task<Ending> release() {
    auto row = base_row();
    auto operation = co_await runtime_.begin(runtime_.intent(change_, "release"));
    if (!operation) co_return operation.error();
    for (auto const& attribute : change_.released) {
      row.applied.erase(attribute.name);
      row.observed.erase(attribute.name);
    }
    co_return co_await commit(*operation, std::move(row));
  }

  // --- deactivate, reactivate, forget ---

  Task<Ending> deactivate() {
    std::optional<int> days;
    if (auto const* written = find(change_.meta, "purgeAfterDays");
        written && written->is_int64()) {
      days = static_cast<int>(written->get_int64());
    }
    auto intent = runtime_.intent(change_, "deactivate");
    auto const keep = days ? std::chrono::hours(24 * *days) : kPurgeDefault;
    auto const estimate = format_time(runtime_.context().clock.wall() + keep);
    intent.context["purgeDate"] = estimate;
    if (days) intent.context["purgeAfterDays"] = *days;
    auto operation = co_await runtime_.begin(std::move(intent));
    if (!operation) co_return operation.error();
    auto& registration = runtime_.registration();
    auto ended = co_await type_.deactivate(registration, runtime_.id(), runtime_.hostname(), days);
    if (!ended && ended.error().outcome_unknown()) {
      auto const why = ended.error();
      auto const disabled = co_await answers_as_disabled();
      if (disabled) {
        ended = Deactivation{"disabled", estimate};
      } else {
        ended = why;
      }
    }
    if (!ended) co_return co_await runtime_.fail(*operation, ended.error());
    auto row = base_row();
    row.extra["status"] = "disabled";
    row.extra["purgeDate"] = ended->purge_date.empty() ? estimate : ended->purge_date;
    if (days) row.extra["purgeAfterDays"] = *days;
    co_return co_await commit(*operation, std::move(row));
  }

  boost::asio::awaitable<bool> answers_as_disabled() {
    auto session = runtime_.session();
    if (!session) co_return false;
    auto read = co_await type_.read(**session, runtime_.id());
    co_return !read && read.error().code == Errc::tenant_disabled;
  }

  Task<Ending> reactivate() {
    auto operation = co_await runtime_.begin(runtime_.intent(change_, "reactivate"));
    if (!operation) co_return operation.error();
    auto& registration = runtime_.registration();
    // Twice is as once, so an unknown outcome needs no look: it stays open and is settled next
    // time.
    auto ended = co_await type_.reactivate(registration, runtime_.id(), runtime_.hostname());
    if (!ended) co_return co_await runtime_.fail(*operation, ended.error());
    auto row = base_row();
    row.extra["status"] = "active";
    row.extra.erase("purgeDate");
    auto const changed = changed_attributes();
    auto committed = co_await commit(*operation, row);
    if (!committed || changed.empty()) co_return committed;
    co_return co_await update(std::move(row));
  }

  Task<Ending> forget() {
    auto operation = co_await runtime_.begin(runtime_.intent(change_, "forget"));
    if (!operation) co_return operation.error();
    state::Outcome outcome;
    for (auto const& [address, row] : runtime_.state().resources)
      outcome.removals.push_back(address);
    auto committed = co_await runtime_.finish(*operation, std::move(outcome));
    if (!committed) co_return committed.error();
    co_return done();
  }

  TenantRuntime& runtime_;
  Change const& change_;
  TenantType const& type_;
};

}  // namespace

Task<Ending> execute_tenant(TenantRuntime& runtime, Change const& change) {
  TenantExecutor executor(runtime, change);
  co_return co_await executor.run();
}

Task<void> verify_tenant(TenantRuntime& runtime, Change const& change) {
  bool const has_live_view = change.action == Action::update || change.action == Action::adopt;
  if (change.action == Action::create && runtime.declared() != nullptr) {
    auto existing =
        co_await find_existing(runtime.context(), runtime.organization(), *runtime.declared());
    if (!existing) co_return existing.error();
    if (*existing) {
      co_return Error(Errc::stale,
                      fmt::format("{}: {}", change.address.text(), (*existing)->found_by),
                      "plan again");
    }
  }
  if (!has_live_view) co_return Result<void>();
  auto session = runtime.session();
  if (!session) co_return session.error();
  auto read = co_await runtime.context().provider.tenant().read(**session, runtime.id());
  if (!read) co_return read.error();
  for (auto const& attribute : change.attributes) {
    auto const* live = find(read->attributes, attribute.name);
    auto const now = live == nullptr ? Value(nullptr) : *live;
    if (equal(now, attribute.before)) continue;
    co_return Error(Errc::stale,
                    fmt::format("{} was changed since it was planned: {}", change.address.text(),
                                attribute.name),
                    "plan again");
  }
  co_return Result<void>();
}

}  // namespace tenantry::run
