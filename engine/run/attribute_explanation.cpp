#include "engine/run/attribute_explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plans/diff.hpp"

namespace tenantry::run {
namespace {

using Effect = AttributeExplanation::Effect;

plans::AttributeChange const* row_of(std::vector<plans::AttributeChange> const& rows,
                                     std::string_view name) {
  auto const found = std::ranges::find(rows, name, &plans::AttributeChange::name);
  return found == rows.end() ? nullptr : &*found;
}

class AttributeExplainer {
 public:
  explicit AttributeExplainer(AttributeInput const& input)
      : in_(input), provenance_(config::provenance_of(input.configuration)) {}

  std::vector<AttributeExplanation> run() const {
    std::vector<AttributeExplanation> out;
    for (auto const& attribute : in_.schema.attributes) {
      if (attribute.use == Use::meta || attribute.use == Use::computed) continue;
      auto explained = explain_attribute(attribute);
      if (explained) out.push_back(std::move(*explained));
    }
    return out;
  }

 private:
  std::optional<AttributeExplanation> explain_attribute(Attribute const& attribute) const {
    auto const& name = attribute.name;
    auto const& change = in_.change;
    AttributeExplanation out;
    out.name = name;
    out.sensitive = attribute.sensitive || plans::is_secret(attribute);
    auto const* row = row_of(change.attributes, name);
    if (row != nullptr) out.effect = Effect::changes;
    if (row == nullptr) {
      row = row_of(change.released, name);
      if (row != nullptr) out.effect = Effect::released;
    }
    if (row == nullptr) {
      row = row_of(change.drift_only, name);
      if (row != nullptr) out.effect = Effect::left_alone;
    }
    auto const* written = in_.wanted == nullptr ? nullptr : find(in_.wanted->attributes, name);
    if (row == nullptr && written == nullptr) return std::nullopt;
    fill(out, row, written);
    note_rules(out, attribute, row);
    if (in_.is_in_configuration)
      out.trace = provenance_.trace(in_.change.address.tenant, path(attribute));
    if (out.sensitive) {
      out.wanted = out.live = out.last_applied = nullptr;
      drop_values(out.trace);
    }
    return out;
  }

  std::vector<std::string> path(Attribute const& attribute) const {
    auto path = path_of(in_.change.address);
    if (!attribute.block.empty()) path.push_back(attribute.block);
    path.push_back(attribute.name);
    return path;
  }

  void fill(AttributeExplanation& out, plans::AttributeChange const* row,
            Value const* written) const {
    auto const& change = in_.change;
    if (row != nullptr) {
      out.sensitive = out.sensitive || row->sensitive;
      out.live = row->before;
      out.wanted = out.effect == Effect::released ? Value(nullptr) : row->after;
      out.last_applied = row->last_applied;
      out.config_changed = row->config_changed;
      out.drifted = row->drifted;
      return;
    }
    auto const* after = find(change.after, out.name);
    auto const* before = find(change.before, out.name);
    auto const* applied = in_.record == nullptr ? nullptr : find(in_.record->applied, out.name);
    out.wanted = after != nullptr ? *after : *written;
    if (before != nullptr) out.live = *before;
    if (applied != nullptr) out.last_applied = *applied;
  }

  void note_rules(AttributeExplanation& out, Attribute const& attribute,
                  plans::AttributeChange const* row) const {
    if (row != nullptr && row->forces_replace) {
      out.rules.push_back({"replace",
                           fmt::format("`{}` cannot be changed by a call: the object is "
                                       "deleted and created again.",
                                       attribute.name),
                           {}});
    }
    if (in_.wanted == nullptr) return;
    auto const& ignored = in_.wanted->lifecycle.ignore_changes;
    if (std::ranges::find(ignored, attribute.name) != ignored.end()) {
      auto path = path_of(in_.change.address);
      path.insert(path.end(), {"lifecycle", "ignoreChanges"});
      auto const said = provenance_.trace(in_.change.address.tenant, path).statements;
      out.rules.push_back({"lifecycle.ignoreChanges", "The live value wins.",
                           said.empty() ? SourceRange{} : said.back().where});
    }
    if (auto const* rule = drift_rule(attribute.name)) {
      out.rules.push_back({fmt::format("policy.drift \"{}\"", rule->pattern),
                           std::string(meaning_of(rule->mode)), rule->where});
    }
  }

  static std::string_view meaning_of(config::DriftMode mode) {
    switch (mode) {
      case config::DriftMode::revert:
        return "revert: what was changed outside is set back.";
      case config::DriftMode::report:
        return "report: what was changed outside is told, and left.";
      case config::DriftMode::ignore:
        return "ignore: what was changed outside is left.";
    }
    return "";
  }

  /// The last that fits counts.
  config::DriftRule const* drift_rule(std::string const& attribute) const {
    config::DriftRule const* found = nullptr;
    auto const resource = in_.change.address.text();
    for (auto const& rule : in_.configuration.policy().drift) {
      if (glob_matches(rule.pattern, resource) ||
          glob_matches(rule.pattern, resource + '/' + attribute)) {
        found = &rule;
      }
    }
    return found;
  }

  AttributeInput const& in_;
  config::Provenance const& provenance_;
};

}  // namespace

std::string_view name_of(AttributeExplanation::Effect effect) {
  switch (effect) {
    case Effect::changes:
      return "changes";
    case Effect::released:
      return "released";
    case Effect::left_alone:
      return "left_alone";
    case Effect::unchanged:
      return "unchanged";
  }
  return "";
}

std::vector<std::string> path_of(Address const& address) {
  std::vector<std::string> path;
  if (!address.section.empty()) path.push_back(address.section);
  if (!address.key.empty()) path.push_back(address.key);
  return path;
}

void drop_values(config::Trace& trace) {
  for (auto& statement : trace.statements) statement.value = nullptr;
  for (auto& used : trace.uses) {
    used.value = nullptr;
    for (auto& statement : used.statements) statement.value = nullptr;
  }
}

std::vector<AttributeExplanation> explain_attributes(AttributeInput const& input) {
  return AttributeExplainer(input).run();
}

}  // namespace tenantry::run
