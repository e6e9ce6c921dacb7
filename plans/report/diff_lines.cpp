#include "plans/report/diff_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/secret.hpp"
#include "engine/core/text.hpp"
#include "plans/attribute_lines.hpp"
#include "plans/attribute_rows.hpp"

namespace tenantry::plans {
namespace {

constexpr std::size_t kColumns = 160;  // of a value
constexpr std::size_t kLinesMax = 60;  // of a change; a reviewer sees the rest elsewhere

class Lines {
 public:
  explicit Lines(std::vector<std::string>& out) : out_(out) {}

  void attribute(AttributeChange const& change) {
    std::string note;
    if (change.drifted) note += "  # drift: changed outside of Tenantry";
    if (change.forces_replace) note += "  # forces a replacement";
    if (change.sensitive) {
      out_.push_back(fmt::format("! {}: {}{}", visible(change.name), kMasked, note));
    }
    for (auto const& row : rows_of(change)) print(row, note);
  }

  void released(AttributeChange const& change) {
    auto const value =
        change.sensitive ? std::string(kMasked) : value_text(change.before, kColumns);
    out_.push_back(fmt::format("# {}: no longer managed, stays {}", visible(change.name), value));
  }

  void drift(AttributeChange const& change) {
    auto const shown = value_pair(change.last_applied, kColumns, change.before, kColumns);
    auto const values = change.sensitive ? std::string(kMasked)
                                         : fmt::format("{} -> {}", shown.before, shown.after);
    out_.push_back(fmt::format("! {}: drift: changed outside of Tenantry, {} (left as it is)",
                               visible(change.name), values));
  }

 private:
  void print(AttributeRow const& row, std::string const& note) {
    using Form = AttributeRow::Form;
    auto const texts = row_texts(row, kColumns);
    if (row.form == Form::scalar || row.form == Form::order) {
      auto const end = row.form == Form::order ? note + "  # order" : note;
      for (auto const& text : texts.removed) {
        out_.push_back(fmt::format("- {}: {}", row.path, text));
      }
      for (auto const& text : texts.added) {
        out_.push_back(fmt::format("+ {}: {}{}", row.path, text, end));
      }
      return;
    }
    out_.push_back(fmt::format("{} {}:{}", row.is_new ? '+' : ' ', row.path, note));
    for (auto const& text : texts.removed) out_.push_back("-     " + text);
    for (auto const& text : texts.added) out_.push_back("+     " + text);
    auto const what = row.form == Form::lines ? "line" : "element";
    if (row.unchanged > 0) {
      out_.push_back(fmt::format("      ({} unchanged)", counted(row.unchanged, what)));
    }
  }

  std::vector<std::string>& out_;
};

/// Who drifted it, where the API tells.
std::string touched(Change const& change) {
  bool const drifted = std::ranges::any_of(change.attributes, &AttributeChange::drifted) ||
                       !change.drift_only.empty();
  if (!drifted || (change.updated_by.empty() && change.updated_at.empty())) return {};
  auto const by = change.updated_by.empty() ? "" : " by " + visible(change.updated_by);
  auto const at = change.updated_at.empty() ? "" : " at " + visible(change.updated_at);
  return fmt::format("# last touched{}{}", by, at);
}

}  // namespace

std::vector<std::string> diff_lines(Change const& change) {
  std::vector<std::string> out;
  for (auto const& note : change.notes) out.push_back("# " + visible(note));
  if (auto line = touched(change); !line.empty()) out.push_back(std::move(line));
  Lines lines(out);
  for (auto const& attribute : change.attributes) lines.attribute(attribute);
  for (auto const& attribute : change.released) lines.released(attribute);
  for (auto const& attribute : change.drift_only) lines.drift(attribute);
  if (out.size() > kLinesMax) {
    auto const more = out.size() - kLinesMax;
    out.resize(kLinesMax);
    out.push_back(fmt::format("# ... and {}", counted(more, "more line")));
  }
  return out;
}

}  // namespace tenantry::plans
