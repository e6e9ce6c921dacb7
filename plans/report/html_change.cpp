#include "plans/report/html_change.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"
#include "plans/attribute_rows.hpp"
#include "plans/change_words.hpp"
#include "plans/render.hpp"
#include "plans/report/markdown_text.hpp"
#include "plans/report/model.hpp"

namespace tenantry::plans {
namespace {

constexpr std::size_t kValueMax = 4000;  // characters

/// Where two texts begin and end to differ, in bytes and at the borders of characters.
struct Middle {
  std::size_t head = 0;
  std::size_t tail = 0;  ///< bytes that both have at their ends
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

Middle middle_of(std::string_view a, std::string_view b) {
  Middle middle;
  auto const shorter = std::min(a.size(), b.size());
  while (middle.head < shorter && a[middle.head] == b[middle.head]) ++middle.head;
  auto const at_border = [&](std::size_t at) {
    return (at >= a.size() || !continues(a[at])) && (at >= b.size() || !continues(b[at]));
  };
  while (middle.head > 0 && !at_border(middle.head)) --middle.head;
  while (middle.tail < shorter - middle.head &&
         a[a.size() - 1 - middle.tail] == b[b.size() - 1 - middle.tail]) {
    ++middle.tail;
  }
  while (middle.tail > 0 && continues(a[a.size() - middle.tail])) --middle.tail;
  return middle;
}

/// `text` with what is between `middle` marked.
std::string marked(std::string_view text, Middle const& middle) {
  if (middle.head + middle.tail >= text.size()) return html_escaped(text);
  auto const inner = text.substr(middle.head, text.size() - middle.head - middle.tail);
  return html_escaped(text.substr(0, middle.head)) + "<mark>" + html_escaped(inner) + "</mark>" +
         html_escaped(text.substr(text.size() - middle.tail));
}

std::string line(std::string_view tag, std::string_view escaped) {
  return fmt::format("<{0}>{1}</{0}>", tag, escaped);
}

class Table {
 public:
  explicit Table(bool is_new) : is_new_(is_new) {}

  void add(AttributeChange const& change) {
    std::string note;
    if (change.drifted) note += "<span class=\"note\">drift: changed outside of Tenantry</span>";
    if (change.forces_replace) note += "<span class=\"note strong\">forces a replacement</span>";
    if (change.sensitive) {
      auto const mask = fmt::format("<span class=\"dim\">{}</span>", kMasked);
      add(visible(change.name), note, is_new_ ? "" : mask, mask);
    }
    for (auto const& row : rows_of(change)) add(row, note);
  }
  void add_released(AttributeChange const& change) {
    add(visible(change.name), "<span class=\"note\">no longer managed, stays as it is</span>",
        value(change, change.before), "<span class=\"dim\">left alone</span>");
  }
  void add_drift(AttributeChange const& change) {
    auto const pair = value_pair(change.last_applied, kValueMax, change.before, kValueMax);
    auto const shown = [&](std::string const& text) {
      return change.sensitive ? std::string(kMasked) : html_escaped(text);
    };
    add(visible(change.name),
        "<span class=\"note\">drift: changed outside of Tenantry, left as it is</span>",
        "<span class=\"note\">last applied</span>" + line("del", shown(pair.before)),
        "<span class=\"note\">live</span>" + line("ins", shown(pair.after)));
    has_before_ = true;
  }

  std::string text() const {
    if (rows_.empty()) return {};
    auto const before = columns() == 3 ? "<th scope=\"col\">Live</th>" : "";
    return fmt::format(
        "<table class=\"diff\"><thead><tr><th scope=\"col\" class=\"attribute\">Attribute</th>{}"
        "<th scope=\"col\">After apply</th></tr></thead><tbody>{}</tbody></table>",
        before, rows());
  }

 private:
  struct Row {
    std::string head;
    std::string before;
    std::string after;
  };

  int columns() const { return is_new_ && !has_before_ ? 2 : 3; }

  std::string rows() const {
    std::string text;
    for (auto const& row : rows_) {
      text += fmt::format("<tr><th scope=\"row\" class=\"attribute\">{}</th>", row.head);
      if (columns() == 3) text += fmt::format("<td>{}</td>", row.before);
      text += fmt::format("<td>{}</td></tr>", row.after);
    }
    return text;
  }

  static std::string value(AttributeChange const& change, Value const& value) {
    return change.sensitive ? std::string(kMasked) : html_escaped(value_text(value, kValueMax));
  }

  void add(std::string const& path, std::string const& note, std::string before,
           std::string after) {
    has_before_ = has_before_ || !before.empty();
    rows_.push_back({html_escaped(path) + note, std::move(before), std::move(after)});
  }

  void add(AttributeRow const& row, std::string note) {
    using Form = AttributeRow::Form;
    std::string before, after;
    if (row.form == Form::order) note += "<span class=\"note\">another order</span>";
    if (row.form == Form::scalar && !row.removed.empty()) {
      auto const [old, now] =
          value_pair(*row.removed.front(), kValueMax, *row.added.front(), kValueMax);
      auto const middle = worth_marking(middle_of(old, now), old, now);
      return add(row.path, note, line("del", marked(old, middle)),
                 line("ins", marked(now, middle)));
    }
    auto const texts = row_texts(row, kValueMax);
    for (auto const& text : texts.removed) before += line("del", html_escaped(text));
    for (auto const& text : texts.added) after += line("ins", html_escaped(text));
    if (row.unchanged > 0) {
      auto const what = row.form == Form::lines ? "line" : "element";
      after +=
          fmt::format("<span class=\"note\">{} unchanged</span>", counted(row.unchanged, what));
    }
    add(row.path, note, std::move(before), std::move(after));
  }

  /// Texts that have little in common are marked as a whole, which is not at all.
  static Middle worth_marking(Middle middle, std::string_view a, std::string_view b) {
    auto const longer = std::max(a.size(), b.size());
    if ((middle.head + middle.tail) * 3 >= longer) return middle;
    return {longer, 0};
  }

  bool is_new_;
  bool has_before_ = false;
  std::vector<Row> rows_;
};

/// Who drifted it, where the API tells.
std::string touched(Change const& change) {
  bool const drifted = std::ranges::any_of(change.attributes, &AttributeChange::drifted) ||
                       !change.drift_only.empty();
  if (!drifted || (change.updated_by.empty() && change.updated_at.empty())) return {};
  auto const by = change.updated_by.empty() ? "" : " by " + html_code_text(change.updated_by);
  auto const at = change.updated_at.empty() ? "" : " at " + html_text(change.updated_at);
  return fmt::format("<p class=\"dim\">Last touched{}{}</p>", by, at);
}

std::string outcome_text(ChangeOutcome const& outcome) {
  bool const done = outcome.status == ChangeOutcome::Status::done;
  if (done && outcome.why.empty()) return {};
  auto text = fmt::format("<p class=\"outcome{}\"><b>{}</b>", done ? " done" : "",
                          words_of(outcome.status));
  if (!outcome.why.empty()) text += ": " + html_text(outcome.why);
  if (!outcome.hint.empty()) text += "; " + html_text(outcome.hint);
  return text + "</p>";
}

std::string body_of(Change const& change, ChangeView const& view) {
  std::string text;
  if (view.outcome != nullptr) text += outcome_text(*view.outcome);
  if (change.guard) {
    auto const& hit = *change.guard;
    text += fmt::format(
        "<p class=\"guard{}\"><b>{}</b>: {} ({})</p>", hit.acknowledged ? " passed" : "",
        hit.acknowledged ? "Let through" : "Stopped", html_text(hit.message), html_text(hit.rule));
  }
  for (auto const& note : change.notes) text += "<p>" + html_text(note) + "</p>";
  text += touched(change);
  Table table(change.action == Action::create);
  for (auto const& attribute : change.attributes) table.add(attribute);
  for (auto const& attribute : change.released) table.add_released(attribute);
  for (auto const& attribute : change.drift_only) table.add_drift(attribute);
  return text + table.text();
}

std::string summary_of(Change const& change, ChangeView const& view) {
  bool const no_op = change.action == Action::no_op;
  auto const action = no_op ? std::string_view("no change") : name_of(change.action);
  auto text = fmt::format("<span class=\"act {}\">{} {}</span> <code class=\"addr\">{}</code>",
                          class_of(change.action), no_op ? "*" : symbol_of(change.action), action,
                          html_text(view.address));
  if (!change.name.empty()) text += fmt::format(" <span>{}</span>", html_text(change.name));
  auto const reason = html_text(reason_of(change));
  if (!reason.empty()) text += fmt::format(" <span class=\"why\">{}</span>", reason);
  if (view.outcome != nullptr) {
    bool const done = view.outcome->status == ChangeOutcome::Status::done;
    text += fmt::format(" <span class=\"act {}\">{}</span>", done ? "create" : "delete",
                        words_of(view.outcome->status));
  }
  if (change.guard && !change.guard->acknowledged) {
    text += " <span class=\"act delete\">stopped</span>";
  }
  if (change.where.known()) {
    text += fmt::format(" <code class=\"place\">{}</code>", html_text(change.where.text()));
  }
  return text;
}

}  // namespace

std::string_view class_of(Action action) {
  return action == Action::no_op ? "no-op" : name_of(action);
}

std::string html_text(std::string_view text) { return html_escaped(visible(text)); }

std::string html_code_text(std::string_view text) { return "<code>" + html_text(text) + "</code>"; }

std::string html_of(Change const& change, ChangeView const& view) {
  auto data = fmt::format("data-action=\"{}\" data-kind=\"{}\"", class_of(change.action),
                          html_text(kind_of(change)));
  if (view.outcome != nullptr) {
    bool const done = view.outcome->status == ChangeOutcome::Status::done;
    data += done ? " data-outcome=\"done\"" : " data-outcome=\"not-done\"";
  }
  auto const summary = summary_of(change, view);
  auto const body = body_of(change, view);
  if (body.empty()) return fmt::format("<div class=\"change flat\" {}>{}</div>\n", data, summary);
  return fmt::format(
      "<details class=\"change\" {}{}><summary>{}</summary><div "
      "class=\"body\">{}</div></details>\n",
      data, view.is_open ? " open" : "", summary, body);
}

}  // namespace tenantry::plans
