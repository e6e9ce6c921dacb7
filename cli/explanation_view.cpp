#include "cli/explanation_view.hpp"

#include <fmt/format.h>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"
#include "plans/render.hpp"

namespace tenantry::cli {
namespace {

using Effect = run::AttributeExplanation::Effect;
using plans::Action;

/// "blueprint standard-v12 (for standard)".
std::string text_of(config::Layer const& layer) {
  auto text = layer.kind == config::Layer::Kind::parameter
                  ? fmt::format("default of blueprint {}", visible(layer.name))
                  : fmt::format("{} {}", name_of(layer.kind), visible(layer.name));
  if (!layer.written_as.empty()) {
    text += fmt::format(" (its wave's version of {})", visible(layer.written_as));
  }
  return text;
}

class TextView {
 public:
  TextView(run::Explanation const& explanation, std::size_t columns)
      : in_(explanation), columns_(std::max<std::size_t>(columns, kColumnsLeast) - kMargin) {}

  std::string write() {
    heading();
    about();
    guard();
    secret_note();
    attributes(Effect::changes, "What changes");
    attributes(Effect::released, "No longer written: the live value stays");
    attributes(Effect::left_alone, "Changed outside, and left as it is");
    attributes(Effect::unchanged, "What stays as it is");
    neighbours(in_.needs, "Needs");
    neighbours(in_.needed_by, "Needed by");
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kMargin = 20;
  static constexpr std::size_t kColumnsLeast = 80;

  void line(std::size_t indent, std::string_view text) {
    out_.append(indent, ' ');
    out_ += text;
    out_ += '\n';
  }

  void fact(std::size_t indent, std::string_view label, std::string_view text) {
    line(indent, fmt::format("{:<14}{}", label, text));
  }

  void heading() {
    auto const& change = in_.change;
    auto text = visible(in_.address.text());
    if (!change.name.empty()) text += fmt::format(" \"{}\"", visible(change.name));
    line(0, fmt::format("{}: {}", text,
                        in_.error                        ? "no plan"
                        : change.action == Action::no_op ? "no change"
                                                         : name_of(change.action)));
    line(0, in_.because);
    if (in_.error) {
      line(2, "error: " + visible(describe(*in_.error)));
      if (!in_.error->hint.empty()) line(4, "hint: " + visible(in_.error->hint));
    }
    out_ += '\n';
  }

  void about() {
    auto const& change = in_.change;
    declared();
    layers();
    if (!in_.wave.empty()) fact(2, "wave", visible(in_.wave));
    if (!change.id.empty()) fact(2, "id", visible(change.id.text()));
    if (!in_.owned) fact(2, "state", "it is not in the state");
    if (!in_.refreshed) fact(2, "live", "not asked: the state stands for it");
    if (!change.updated_at.empty() || !change.updated_by.empty()) {
      fact(2, "last touched",
           fmt::format("{}{}{}", visible(change.updated_at),
                       change.updated_by.empty() ? "" : " by ", visible(change.updated_by)));
    }
    last_operation();
    if (change.changes_something()) fact(2, "digest", plans::digest_of(change));
    for (auto const& note : change.notes) fact(2, "note", visible(note));
  }

  void declared() {
    auto const& said = in_.trace.statements;
    if (!in_.declared) {
      if (!said.empty()) fact(2, "not wanted", "last said by " + said_at(said.back()));
      if (said.empty()) fact(2, "declared", "nowhere");
      return;
    }
    if (said.empty()) return fact(2, "declared at", visible(in_.change.where.text()));
    std::string_view label = "declared at";
    for (auto const& statement : said) {
      fact(2, label, said_at(statement));
      label = "and at";
    }
  }

  static std::string said_at(config::Statement const& statement) {
    return fmt::format("{}, {}", visible(statement.where.text()), text_of(statement.layer));
  }

  void layers() {
    std::vector<std::string> names;
    for (auto const& layer : in_.trace.layers) names.push_back(text_of(layer));
    if (names.empty() && !in_.region.empty()) names.push_back("region " + visible(in_.region));
    if (!names.empty()) fact(2, "layers", fmt::format("{}", fmt::join(names, ", ")));
    if (!in_.fleet.empty()) fact(2, "fleet", visible(in_.fleet));
  }

  void last_operation() {
    if (!in_.last_operation) return;
    auto const& entry = *in_.last_operation;
    auto const& run = entry.run;
    auto text = fmt::format("{}, {} by {}@{}", visible(entry.intent.started_at),
                            visible(entry.intent.action), visible(run.user), visible(run.host));
    if (!run.commit.empty()) text += fmt::format(", commit {}", visible(run.commit.substr(0, 12)));
    if (!run.run_url.empty()) text += ", " + visible(run.run_url);
    if (!run.reason.empty()) text += fmt::format(", \"{}\"", visible(run.reason));
    fact(2, "last changed", text);
  }

  void guard() {
    if (!in_.change.guard) return;
    auto const& hit = *in_.change.guard;
    out_ += '\n';
    line(0, hit.acknowledged ? "Let through" : "Stopped");
    fact(2, "rule", visible(hit.rule));
    line(2, visible(hit.message));
    if (!hit.acknowledged && !hit.hint.empty()) line(2, "hint: " + visible(hit.hint));
  }

  void secret_note() {
    if (in_.change.secrets.empty() || in_.change.reason != plans::Reason::secret_due) return;
    line(2, "Secrets are compared by digests, and never shown.");
  }

  void attributes(Effect effect, std::string_view title) {
    bool first = true;
    for (auto const& attribute : in_.attributes) {
      if (attribute.effect != effect) continue;
      if (first) {
        out_ += '\n';
        line(0, title);
        first = false;
      }
      if (effect == Effect::unchanged) {
        brief(attribute);
      } else {
        full(attribute);
      }
    }
  }

  std::string value(run::AttributeExplanation const& attribute, Value const& value) const {
    if (attribute.sensitive) return std::string(kMasked);
    return plans::value_text(value, columns_);
  }

  void brief(run::AttributeExplanation const& attribute) {
    std::string where;
    for (auto const& statement : attribute.trace.statements) {
      if (statement.counts) where = "  [" + said_at(statement) + "]";
    }
    line(2, fmt::format("{}: {}{}", visible(attribute.name), value(attribute, attribute.wanted),
                        where));
    rules(attribute);
  }

  void full(run::AttributeExplanation const& attribute) {
    line(2, visible(attribute.name));
    if (attribute.effect != Effect::released) {
      fact(4, "wanted", value(attribute, attribute.wanted));
    }
    bool const is_there = in_.owned || in_.change.action == Action::adopt;
    if (is_there)
      fact(4, in_.refreshed ? "live" : "in the state", value(attribute, attribute.live));
    if (in_.owned) fact(4, "last applied", value(attribute, attribute.last_applied));
    if (is_there && attribute.effect == Effect::changes) fact(4, "so", verdict(attribute));
    statements(4, attribute.trace.statements);
    for (auto const& used : attribute.trace.uses) use(used);
    rules(attribute);
  }

  static std::string_view verdict(run::AttributeExplanation const& attribute) {
    if (attribute.config_changed && attribute.drifted) {
      return "the configuration changed, and so did the live value";
    }
    if (attribute.config_changed) return "the configuration changed since it was last applied";
    if (attribute.drifted) return "the live value was changed outside of Tenantry";
    return "the two differ";
  }

  /// What counts and what it covers, lowest layer first.
  void statements(std::size_t indent, std::vector<config::Statement> const& all) {
    for (auto const& statement : all) {
      auto text = said_at(statement);
      if (!statement.counts) text += " (covered by a later layer)";
      if (statement.appends) text += " (appends)";
      fact(indent, "written at", text);
    }
  }

  void use(config::Used const& used) {
    auto text = fmt::format("{}", visible(used.name));
    if (used.sensitive) {
      text += " = " + std::string(kMasked);
    } else if (used.statements.empty() && !used.value.is_null()) {
      text += " = " + plans::value_text(used.value, columns_);
    }
    if (used.where.known() && used.statements.empty()) {
      text += fmt::format(", {}", visible(used.where.text()));
    }
    fact(4, "by", text);
    for (auto const& statement : used.statements) {
      if (!statement.counts) continue;
      auto const shown = statement.value.is_null()
                             ? std::string()
                             : " = " + plans::value_text(statement.value, columns_);
      line(18, fmt::format("{}{}", said_at(statement), shown));
    }
  }

  void rules(run::AttributeExplanation const& attribute) {
    for (auto const& rule : attribute.rules) {
      auto const where =
          rule.where.known() ? fmt::format("  [{}]", visible(rule.where.text())) : "";
      fact(4, "rule", fmt::format("{}: {}{}", visible(rule.name), visible(rule.meaning), where));
    }
  }

  void neighbours(std::vector<run::Neighbour> const& all, std::string_view title) {
    if (all.empty()) return;
    out_ += '\n';
    line(0, title);
    for (auto const& one : all) {
      auto const why = one.action == Action::no_op ? std::string("no change")
                                                   : fmt::format("{}, {}", name_of(one.action),
                                                                 plans::words_of(one.reason));
      line(2, fmt::format("{}: {}", visible(one.address.text()), why));
    }
  }

  run::Explanation const& in_;
  std::size_t columns_;
  std::string out_;
};

}  // namespace

std::string to_text(run::Explanation const& explanation, std::size_t columns) {
  return TextView(explanation, columns).write();
}

}  // namespace tenantry::cli
