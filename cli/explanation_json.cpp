#include <fmt/format.h>

#include "cli/event_stream.hpp"
#include "cli/explanation_view.hpp"
#include "engine/core/secret.hpp"

namespace tenantry::cli {
namespace {

Value place(SourceRange const& where) {
  if (!where.known()) return nullptr;
  return Object{{"file", where.file}, {"line", where.line}, {"column", where.column}};
}

/// Without what is not known: such a text is written with its placeholders.
Value shown(Value const& value) {
  auto const text = [](Segment const& segment) -> Result<std::string> {
    if (segment.kind == Segment::Kind::variable) return std::string(kMasked);
    return fmt::format("${{tenant.{}}}", segment.text);
  };
  auto out = resolve_deferred(value, text);
  return out ? std::move(*out) : Value(nullptr);
}

Object json_of(config::Layer const& layer) {
  Object out{{"kind", name_of(layer.kind)}, {"name", layer.name}, {"source", place(layer.where)}};
  if (!layer.written_as.empty()) out["writtenAs"] = layer.written_as;
  return out;
}

Array json_of(std::vector<config::Statement> const& statements) {
  Array out;
  for (auto const& statement : statements) {
    out.push_back(Object{{"layer", json_of(statement.layer)},
                         {"source", place(statement.where)},
                         {"value", statement.value},
                         {"appends", statement.appends},
                         {"counts", statement.counts}});
  }
  return out;
}

Array json_of(std::vector<config::Used> const& uses) {
  Array out;
  for (auto const& used : uses) {
    out.push_back(Object{{"name", used.name},
                         {"source", place(used.where)},
                         {"sensitive", used.sensitive},
                         {"value", used.value},
                         {"statements", json_of(used.statements)}});
  }
  return out;
}

Object json_of(run::AttributeExplanation const& attribute) {
  Array rules;
  for (auto const& rule : attribute.rules) {
    rules.push_back(
        Object{{"name", rule.name}, {"meaning", rule.meaning}, {"source", place(rule.where)}});
  }
  return {{"name", attribute.name},
          {"effect", name_of(attribute.effect)},
          {"sensitive", attribute.sensitive},
          {"wanted", shown(attribute.wanted)},
          {"live", shown(attribute.live)},
          {"lastApplied", shown(attribute.last_applied)},
          {"configChanged", attribute.config_changed},
          {"drifted", attribute.drifted},
          {"rules", std::move(rules)},
          {"statements", json_of(attribute.trace.statements)},
          {"uses", json_of(attribute.trace.uses)}};
}

Array json_of(std::vector<run::Neighbour> const& neighbours) {
  Array out;
  for (auto const& one : neighbours) {
    out.push_back(Object{{"address", one.address.text()},
                         {"action", name_of(one.action)},
                         {"reason", plans::name_of(one.reason)}});
  }
  return out;
}

Value json_of(std::optional<state::HistoryEntry> const& entry) {
  if (!entry) return nullptr;
  return Object{{"operation", entry->operation},
                {"action", entry->intent.action},
                {"startedAt", entry->intent.started_at},
                {"command", entry->run.command},
                {"user", entry->run.user},
                {"host", entry->run.host},
                {"commit", entry->run.commit},
                {"url", entry->run.run_url},
                {"reason", entry->run.reason}};
}

}  // namespace

Value to_json(run::Explanation const& explanation) {
  auto const& change = explanation.change;
  Array layers;
  for (auto const& layer : explanation.trace.layers) layers.push_back(json_of(layer));
  Array places;
  for (auto const& statement : explanation.trace.statements) {
    places.push_back(
        Object{{"layer", json_of(statement.layer)}, {"source", place(statement.where)}});
  }
  Array attributes;
  for (auto const& attribute : explanation.attributes) attributes.push_back(json_of(attribute));
  Array notes;
  for (auto const& note : change.notes) notes.emplace_back(note);
  Value guard = nullptr;
  if (change.guard) {
    guard = Object{{"rule", change.guard->rule},
                   {"message", change.guard->message},
                   {"hint", change.guard->hint},
                   {"acknowledged", change.guard->acknowledged}};
  }
  return Object{
      {"formatVersion", kExplanationFormat},
      {"address", explanation.address.text()},
      {"action", name_of(change.action)},
      {"reason", plans::name_of(change.reason)},
      {"reasonDetail", change.reason_detail},
      {"because", explanation.because},
      {"error", explanation.error ? Value(to_json(*explanation.error)) : Value(nullptr)},
      {"name", change.name},
      {"id", change.id.text()},
      {"digest", change.changes_something() ? Value(plans::digest_of(change)) : Value(nullptr)},
      {"declared", explanation.declared},
      {"inState", explanation.owned},
      {"refreshed", explanation.refreshed},
      {"source", place(change.where)},
      {"declaredAt", std::move(places)},
      {"region", explanation.region},
      {"wave", explanation.wave},
      {"fleet", explanation.fleet},
      {"layers", std::move(layers)},
      {"attributes", std::move(attributes)},
      {"guard", std::move(guard)},
      {"notes", std::move(notes)},
      {"needs", json_of(explanation.needs)},
      {"neededBy", json_of(explanation.needed_by)},
      {"updatedAt", change.updated_at},
      {"updatedBy", change.updated_by},
      {"lastOperation", json_of(explanation.last_operation)}};
}

}  // namespace tenantry::cli
