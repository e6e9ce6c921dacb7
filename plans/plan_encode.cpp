#include "plans/plan_json.hpp"

namespace tenantry::plans {
namespace {

template <class T, class Encode>
Array list(std::vector<T> const& items, Encode encode_one) {
  Array out;
  out.reserve(items.size());
  for (auto const& item : items) out.push_back(encode_one(item));
  return out;
}

/// A value of a sensitive attribute never leaves, should one ever get here.
Value masked(AttributeChange const& change, Value const& value) {
  return change.sensitive && !is_deferred(value) ? Value(nullptr) : value;
}

Value encode_attribute(AttributeChange const& change) {
  return Object{{"name", change.name},
                {"before", masked(change, change.before)},
                {"after", masked(change, change.after)},
                {"lastApplied", masked(change, change.last_applied)},
                {"configChanged", change.config_changed},
                {"drifted", change.drifted},
                {"sensitive", change.sensitive},
                {"forcesReplace", change.forces_replace},
                {"unordered", change.unordered},
                {"where", encode(change.where)}};
}

Value encode_guard(std::optional<GuardHit> const& guard) {
  if (!guard) return nullptr;
  return Object{{"rule", guard->rule},
                {"message", guard->message},
                {"hint", guard->hint},
                {"acknowledged", guard->acknowledged}};
}

Value encode_change(Change const& change) {
  return Object{
      {"address", change.address.text()},
      {"type", change.type},
      {"action", name_of(change.action)},
      {"reason", name_of(change.reason)},
      {"reasonDetail", change.reason_detail},
      {"name", change.name},
      {"id", change.id.text()},
      {"before", change.before},
      {"after", change.after},
      {"meta", change.meta},
      {"attributes", list(change.attributes, encode_attribute)},
      {"released", list(change.released, encode_attribute)},
      {"driftOnly", list(change.drift_only, encode_attribute)},
      {"leftAlone", list(change.left_alone, [](auto const& n) { return Value(n); })},
      {"parts", change.parts},
      {"notes", list(change.notes, [](auto const& n) { return Value(n); })},
      {"destructive", change.destructive},
      {"dependsOn", list(change.depends_on, [](auto const& a) { return Value(a.text()); })},
      {"where", encode(change.where)},
      {"preventDestroy", change.prevent_destroy},
      {"updatedAt", change.updated_at},
      {"updatedBy", change.updated_by},
      {"guard", encode_guard(change.guard)},
      {"secrets", change.secrets}};
}

Value encode_error(std::optional<Error> const& error) {
  if (!error) return nullptr;
  Object out{{"code", name_of(error->code)},
             {"message", error->message},
             {"hint", error->hint},
             {"request", error->request},
             {"api", nullptr},
             {"retryAfterSeconds", nullptr}};
  if (error->api) {
    out["api"] = Object{{"status", error->api->status},
                        {"code", error->api->code},
                        {"title", error->api->title},
                        {"detail", error->api->detail},
                        {"traceId", error->api->trace_id}};
  }
  if (error->retry_after) out["retryAfterSeconds"] = error->retry_after->count();
  return out;
}

Value encode_move(Move const& move) {
  return Object{{"from", move.from.text()}, {"to", move.to.text()}};
}

Value encode_wave(Wave const& wave) {
  return Object{{"name", wave.name}, {"tenants", wave.tenants}, {"failuresMax", wave.failures_max}};
}

Value encode_diagnostic(Diagnostic const& diagnostic) {
  return Object{{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
                {"where", encode(diagnostic.where)},
                {"address", diagnostic.address},
                {"summary", diagnostic.summary},
                {"detail", diagnostic.detail},
                {"hint", diagnostic.hint}};
}

}  // namespace

Value encode(SourceRange const& where) {
  if (!where.known()) return nullptr;
  return Object{{"file", where.file}, {"line", where.line}, {"column", where.column}};
}

Value encode(TenantPlan const& tenant) {
  Object out{{"key", tenant.key},
             {"region", tenant.region},
             {"hostname", tenant.hostname},
             {"id", tenant.id.text()},
             {"serial", tenant.serial},
             {"configDigest", tenant.config_digest},
             {"paused", tenant.paused},
             {"refreshed", tenant.refreshed},
             {"unchanged", tenant.unchanged},
             {"itselfUnchanged", tenant.is_itself_unchanged},
             {"cost", encode(tenant.cost)},
             {"moves", list(tenant.moves, encode_move)},
             {"error", encode_error(tenant.error)},
             {"changes", list(tenant.changes, encode_change)}};
  if (!tenant.wave.empty()) out["wave"] = tenant.wave;
  return out;
}

Object encode(Cost const& cost) {
  return Object{
      {"reads", cost.reads}, {"writes", cost.writes}, {"registerWrites", cost.register_writes}};
}

Object encode(Plan const& plan) {
  Object out{{"toolVersion", plan.tool_version},
             {"createdAt", plan.created_at},
             {"lineage", plan.lineage},
             {"destroy", plan.destroy},
             {"refreshOnly", plan.refresh_only},
             {"adoptOnly", plan.adopt_only},
             {"passedOver", plan.passed_over},
             {"fleetSize", static_cast<std::int64_t>(plan.fleet_size)},
             {"warnings", list(plan.warnings.items(), encode_diagnostic)}};
  if (!plan.waves.empty()) out["waves"] = list(plan.waves, encode_wave);
  if (!plan.flags.empty()) out["flags"] = list(plan.flags, [](auto const& f) { return Value(f); });
  if (plan.shard) out["shard"] = plan.shard->text();
  return out;
}

}  // namespace tenantry::plans
