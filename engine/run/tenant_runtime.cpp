#include "engine/run/tenant_runtime.hpp"

#include <set>

#include "engine/run/resolve.hpp"

namespace tenantry::run {

TenantRuntime::TenantRuntime(Context& context, ApplyOptions const& options,
                             OrganizationView& organization, plans::TenantPlan const& plan,
                             config::Tenant const* declared, state::TenantState state)
    : context_(context),
      options_(options),
      organization_(organization),
      declared_(declared),
      region_(plan.region),
      hostname_(plan.hostname),
      id_(plan.id),
      refreshed_(plan.refreshed),
      state_(std::move(state)),
      names_(declared != nullptr ? declared->resources : none_, state_, live_) {}

void TenantRuntime::known_as(RemoteId id, std::string hostname) {
  id_ = std::move(id);
  hostname_ = std::move(hostname);
}

Result<Session*> TenantRuntime::session() {
  return tenant_session(context_, declared_, region_, hostname_);
}

Task<void> TenantRuntime::know_references(Schema const& schema, Object planned) {
  std::set<std::string> unknown;
  each_reference(schema.attributes, planned,
                 [&](Attribute const& attribute, std::string const& text) {
                   bool const known = !names_.id_of(attribute.refers_to, text).empty();
                   if (!known && !live_.listed(attribute.refers_to))
                     unknown.insert(attribute.refers_to);
                 });
  for (auto const& section : unknown) {
    auto const* type = context_.provider.find(section);
    auto connected = session();
    if (!connected) co_return connected.error();
    auto list = co_await type->list(**connected);
    if (!list) co_return list.error();
    live_.lists[section] = std::move(*list);
  }
  co_return Result<void>();
}

Object TenantRuntime::with_tenant(Object const& value) const {
  return resolve_tenant(value, hostname_, id_.text()).get_object();
}

Result<Object> TenantRuntime::to_send(Object const& value) const {
  auto revealed = reveal_all(with_tenant(value), context_.configuration.variables());
  if (!revealed) return revealed.error();
  return std::move(revealed->get_object());
}

state::Intent TenantRuntime::intent(plans::Change const& change, std::string action) const {
  state::Intent out;
  out.address = change.address;
  out.action = std::move(action);
  out.id = change.id;
  out.before = change.before;
  out.planned = with_tenant(change.after);
  out.request_digest = digest_of(Object{{"action", out.action}, {"planned", out.planned}});
  out.run_id = options_.run.id;
  out.started_at = now();
  out.context["preventDestroy"] = change.prevent_destroy;
  if (!options_.plan_digest.empty()) out.context[kPlanContext] = options_.plan_digest;
  if (!change.secrets.empty()) out.context["secrets"] = change.secrets;
  if (!change.parts.empty()) out.context["parts"] = change.parts;
  Array needed;
  for (auto const& address : change.depends_on) needed.emplace_back(address.text());
  if (!needed.empty()) out.context["dependsOn"] = std::move(needed);
  return out;
}

Task<std::int64_t> TenantRuntime::begin(state::Intent intent) {
  co_return co_await context_.store.begin(std::move(intent));
}

Task<void> TenantRuntime::finish(std::int64_t operation, state::Outcome outcome) {
  auto const upsert = outcome.upsert;
  auto const removals = outcome.removals;
  auto committed = co_await context_.store.finish(operation, std::move(outcome));
  if (!committed) co_return committed.error();
  for (auto const& address : removals) state_.resources.erase(address);
  if (upsert) {
    state_.resources[upsert->address] = *upsert;
    names_.own(upsert->address, upsert->id);
  }
  co_return Result<void>();
}

Task<Ending> TenantRuntime::fail(std::int64_t operation, Error error) {
  if (error.outcome_unknown()) co_return Ending{Status::unknown, std::move(error)};
  state::Outcome outcome;
  outcome.status =
      error.code == Errc::cancelled ? state::OutcomeStatus::dropped : state::OutcomeStatus::failed;
  outcome.error = describe(error);
  auto committed = co_await finish(operation, std::move(outcome));
  if (!committed) co_return committed.error();
  auto const status = error.code == Errc::cancelled ? Status::never_started : Status::failed;
  co_return Ending{status, std::move(error)};
}

Ending done() { return {}; }
Ending failed(Error error) { return {Status::failed, std::move(error)}; }

}  // namespace tenantry::run
