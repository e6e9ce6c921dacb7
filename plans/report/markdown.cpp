#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "engine/core/text.hpp"
#include "plans/change_words.hpp"
#include "plans/grouping.hpp"
#include "plans/render.hpp"
#include "plans/report.hpp"
#include "plans/report/diff_lines.hpp"
#include "plans/report/markdown_text.hpp"
#include "plans/report/model.hpp"

namespace tenantry::plans {
namespace {

// GitHub takes 65,536 characters; a pipeline may want to add a line of its own.
constexpr std::size_t kRoom = 65'000;
constexpr std::size_t kSectionMax = kRoom / 6;  // of the head, of errors, guards, what destroys
constexpr std::size_t kBlockMax = kRoom / 5;    // of one tenant or group

std::string kind_word(Plan const& plan, ReportOptions const& options) {
  auto word = std::string(options.outcome_of ? "apply" : plan.refresh_only ? "drift" : "plan");
  if (plan.shard) word += ' ' + plan.shard->text();
  return word;
}

std::string reason_text(Change const& change) {
  auto const reason = reason_of(change);
  return change.reason_detail.empty() ? reason : code_span(reason);
}

/// Takes items until the room is used up, then counts.
class List {
 public:
  List(std::size_t room, std::string_view singular) : room_(room), singular_(singular) {}
  void add(std::string item) {
    auto const length = comment_length(item);
    if (left_out_ > 0 || used_ + length > room_) {
      ++left_out_;
      return;
    }
    used_ += length;
    text_ += item;
  }
  std::string text() const {
    if (left_out_ == 0) return text_;
    return text_ + fmt::format("- … and {}\n", counted(left_out_, "more " + singular_));
  }

 private:
  std::size_t room_;
  std::string singular_;
  std::string text_;
  std::size_t used_ = 0;
  std::size_t left_out_ = 0;
};

/// "`acme`, `globex` and 3 more" in at most `room`.
std::string names(std::vector<std::string> const& keys, std::size_t room,
                  std::size_t shown_max = std::string::npos) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto const name = code_span(keys[i]);
    if (i >= shown_max || (i > 0 && comment_length(text) + comment_length(name) > room)) {
      return text + fmt::format(" and {} more", keys.size() - i);
    }
    text += (i > 0 ? ", " : "") + name;
  }
  return text;
}

/// The blocks that fit, in their order. Of those that do not, only the number is kept.
class Blocks {
 public:
  void add_alone(std::string text, std::size_t changes) {
    auto const length = comment_length(text);
    if (alone_length_ + length > kRoom) return leave_out(1, changes);
    alone_length_ += length;
    alone_.push_back({std::move(text), length, 1, changes});
  }
  /// From small to large: the largest say the most.
  void add_group(std::string text, std::size_t tenants, std::size_t changes) {
    auto const length = comment_length(text);
    groups_length_ += length;
    groups_.push_back({std::move(text), length, tenants, changes});
    while (groups_length_ > kRoom) drop_group();
  }

  /// Groups may take half of the room, and what single tenants leave.
  void fit(std::size_t room) {
    auto const for_groups = std::max(room / 2, room - std::min(room, alone_length_));
    while (groups_length_ > for_groups) drop_group();
    while (alone_length_ > room - groups_length_) {
      auto const& last = alone_.back();
      alone_length_ -= last.length;
      leave_out(last.tenants, last.changes);
      alone_.pop_back();
    }
  }
  std::string alone() const { return joined(alone_); }
  std::string groups() const { return joined(groups_); }
  std::string left_out() const {
    if (tenants_left_out_ == 0) return {};
    return fmt::format("… {} with {} left out of this comment: the HTML report shows all.\n\n",
                       counted(tenants_left_out_, "more tenant"),
                       counted(changes_left_out_, "change"));
  }

 private:
  struct Block {
    std::string text;
    std::size_t length;
    std::size_t tenants;
    std::size_t changes;
  };
  static std::string joined(std::deque<Block> const& blocks) {
    std::string text;
    for (auto const& block : blocks) text += block.text;
    return text;
  }
  void drop_group() {
    groups_length_ -= groups_.front().length;
    leave_out(groups_.front().tenants, groups_.front().changes);
    groups_.pop_front();
  }
  void leave_out(std::size_t tenants, std::size_t changes) {
    tenants_left_out_ += tenants;
    changes_left_out_ += tenants * changes;
  }

  std::deque<Block> alone_;
  std::deque<Block> groups_;
  std::size_t alone_length_ = 0;
  std::size_t groups_length_ = 0;
  std::size_t tenants_left_out_ = 0;
  std::size_t changes_left_out_ = 0;
};

class Comment {
 public:
  Comment(Plan const& plan, ReportOptions const& options, Report const& report)
      : plan_(plan), options_(options), report_(report) {}

  Result<std::string> run() {
    auto const begin = heading() + errors() + guards() + graves();
    auto const end = warnings() + rest() + foot();
    Blocks blocks;
    auto const visited = visit_blocks(
        plan_, report_, [&](auto const& block, auto const& sample, auto const& changes) {
          auto text = this->block(block, sample, changes);
          if (block.tenants.size() == 1) {
            blocks.add_alone(std::move(text), block.changes);
          } else {
            blocks.add_group(std::move(text), block.tenants.size(), block.changes);
          }
        });
    if (!visited) return visited.error();
    constexpr std::size_t kTitles = 300;
    auto const used = comment_length(begin) + comment_length(end) + kTitles;
    blocks.fit(kRoom - std::min(kRoom, used));
    return begin + titled("Tenants that differ", blocks.alone(), report_.alone) +
           titled("The same in several tenants", blocks.groups(),
                  report_.blocks.size() - report_.alone) +
           blocks.left_out() + end;
  }

 private:
  std::string heading() const {
    auto text = fmt::format("<!-- tenantry-report: {} -->\n", kind_word(plan_, options_));
    auto const& conclusion = options_.conclusion;
    text += fmt::format("## {}\n\n",
                        conclusion.headline.empty() ? summary_line(plan_) : conclusion.headline);
    if (!conclusion.headline.empty()) text += summary_line(plan_) + "\n\n";
    List lines(kSectionMax, "line");
    if (plan_.shard) lines.add("- " + shard_line(plan_) + '\n');
    for (auto const& line : wave_lines(plan_)) lines.add("- " + code_span(line) + '\n');
    for (auto const& line : conclusion.lines) lines.add("- " + code_span(line) + '\n');
    if (!options_.outcome_of) lines.add("- " + cost_line(plan_) + '\n');
    if (!conclusion.go_on.empty()) lines.add("- To go on: " + code_span(conclusion.go_on) + '\n');
    return text + lines.text() + '\n';
  }

  static std::string titled(std::string_view title, std::string const& text, std::size_t count) {
    return text.empty() ? text : fmt::format("### {} ({})\n\n{}\n", title, count, text);
  }

  std::string errors() const {
    List list(kSectionMax, "tenant");
    std::size_t count = 0;
    for (auto const& tenant : report_.tenants) {
      if (tenant.status != ReportTenant::Status::failed) continue;
      ++count;
      auto item = fmt::format("- {}: {}\n", code_span(tenant.key), code_span(tenant.error));
      if (!tenant.hint.empty()) item += fmt::format("  - hint: {}\n", code_span(tenant.hint));
      list.add(std::move(item));
    }
    return titled("Could not be planned", list.text(), count);
  }

  std::string guards() const {
    List list(kSectionMax, "rule");
    for (auto const& guard : report_.guards) {
      auto item =
          fmt::format("- {} {}: {} ({})\n",
                      guard.hit.acknowledged ? "Let through:" : "**Stopped**:", guard.action,
                      code_span(guard.hit.message), code_span(guard.hit.rule));
      List changes(kSectionMax / 2, "change");
      for (auto const& [address, digest] : guard.changes) {
        changes.add(fmt::format("  - {}: `--acknowledge {}`\n", code_span(address), digest));
      }
      if (!guard.hit.acknowledged) item += changes.text();
      list.add(std::move(item));
    }
    return titled("Guards", list.text(), report_.guards.size());
  }

  std::string graves() const {
    List list(kSectionMax, "change");
    for (auto const& grave : report_.graves) {
      auto const& change = grave.change;
      auto const& address = change.address;
      bool const alone = grave.tenants.size() == 1;
      auto const tenant = alone ? grave.tenants.front() : std::string("*");
      auto item = fmt::format("- **{}** {}", name_of(change.action),
                              code_span(Address{tenant, address.section, address.key}.text()));
      if (!change.name.empty()) item += ' ' + code_span(change.name);
      if (auto const reason = reason_text(change); !reason.empty()) item += ": " + reason;
      if (!alone) {
        item += fmt::format(", in {}: {}", counted(grave.tenants.size(), "tenant"),
                            names(grave.tenants, kSectionMax / 2));
      }
      list.add(item + '\n');
    }
    return titled("What deletes, replaces or deactivates", list.text(), report_.graves.size());
  }

  std::string block(ReportBlock const& block, TenantPlan const& sample,
                    std::vector<Change> const& changes) const {
    std::string inside;
    std::size_t written = 0;
    for (auto const& change : changes) {
      auto const text = this->change(change, sample, block.tenants.size() > 1);
      if (comment_length(inside) + comment_length(text) > kBlockMax) break;
      inside += text;
      ++written;
    }
    if (written < changes.size()) {
      inside += fmt::format("… and {}\n\n", counted(changes.size() - written, "more change"));
    }
    return block.tenants.size() == 1 ? alone(sample) + inside : several(block, changes, inside);
  }

  static std::string alone(TenantPlan const& tenant) {
    auto text = "#### " + code_span(tenant.key);
    if (!tenant.hostname.empty()) text += ' ' + code_span(tenant.hostname);
    if (!tenant.region.empty()) text += ' ' + code_span(tenant.region);
    if (!tenant.refreshed) text += " (not refreshed, compared with the state alone)";
    return text + "\n\n";
  }

  std::string several(ReportBlock const& block, std::vector<Change> const& changes,
                      std::string const& inside) const {
    std::vector<std::string> keys;
    for (auto const index : block.tenants) keys.push_back(report_.tenants[index].key);
    auto const title =
        fmt::format("<b>{}</b>: the same {}", title_of(report_, block), counted_changes(changes));
    constexpr std::size_t kNamed = 40;
    auto const body = fmt::format("In {}\n\n{}", names(keys, kBlockMax / 4, kNamed), inside);
    // What destroys is not folded away.
    bool const open = std::ranges::any_of(changes, is_grave) || block.has_trouble;
    return fmt::format("<details{}><summary>{}</summary>\n\n{}</details>\n\n", open ? " open" : "",
                       title, body);
  }

  std::string change(Change const& change, TenantPlan const& sample, bool generic) const {
    auto const& address = change.address;
    auto const shown = !generic              ? address.text()
                       : address.is_tenant() ? std::string("the tenant itself")
                                             : address.text().substr(address.tenant.size() + 1);
    auto const action =
        change.action == Action::no_op ? std::string_view("no change") : name_of(change.action);
    auto text = fmt::format("**{}** {}", action, code_span(shown));
    if (!change.name.empty()) text += ' ' + code_span(change.name);
    if (auto const reason = reason_text(change); !reason.empty()) text += ", " + reason;
    if (change.where.known()) text += " · " + code_span(change.where.text());
    text += outcome(change, sample, generic) + "\n\n";
    auto const lines = diff_lines(change);
    return lines.empty() ? text : text + fenced("diff", lines) + '\n';
  }

  std::string outcome(Change const& change, TenantPlan const& sample, bool generic) const {
    if (!options_.outcome_of) return {};
    auto own = change.address;
    own.tenant = sample.key;
    auto const* outcome = options_.outcome_of(own);
    if (outcome == nullptr) return {};
    auto const said = [&](std::string const& text) {
      return code_span(generic ? generic_text(sample, text) : text);
    };
    bool const done = outcome->status == ChangeOutcome::Status::done;
    auto text = done ? " · " + std::string(words_of(outcome->status))
                     : fmt::format(" · **{}**", words_of(outcome->status));
    if (!outcome->why.empty()) text += ": " + said(outcome->why);
    if (!outcome->hint.empty()) text += "; hint: " + said(outcome->hint);
    return text;
  }

  std::string warnings() const {
    if (plan_.warnings.empty()) return {};
    List list(kSectionMax / 2, "warning");
    auto const sorted = plan_.warnings.sorted();
    for (auto const& warning : sorted) {
      auto text = warning.summary;
      if (!warning.detail.empty()) text += ": " + warning.detail;
      std::ranges::replace(text, '\n', ' ');
      auto item = "- " + (warning.where.known() ? code_span(warning.where.text()) + ' ' : "");
      list.add(item + code_span(text) + '\n');
    }
    return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n",
                       counted(sorted.size(), "warning"), list.text());
  }

  std::string rest() const {
    std::string text;
    std::vector<std::string> paused;
    for (auto const& tenant : report_.tenants) {
      if (tenant.status == ReportTenant::Status::paused) paused.push_back(tenant.key);
    }
    if (!paused.empty()) {
      text += "Paused, and not looked at: " + names(paused, kSectionMax / 4) + "\n\n";
    }
    if (plan_.passed_over > 0) {
      text += fmt::format("{} passed over: the configuration was applied before.\n\n",
                          counted(plan_.passed_over, "tenant"));
    }
    if (plan_.unmanaged && !plan_.unmanaged->empty()) {
      List list(kSectionMax / 2, "tenant");
      for (auto const& tenant : *plan_.unmanaged) {
        list.add(fmt::format("- {} {} (id {}, {}, {})\n", code_span(tenant.hostname),
                             code_span(tenant.name), code_span(tenant.id.text()),
                             code_span(tenant.region), code_span(tenant.status)));
      }
      text += titled("Managed by nobody", list.text(), plan_.unmanaged->size());
    }
    return text;
  }

  std::string foot() const {
    auto text = fmt::format("<sub>Tenantry {}", html_escaped(visible(plan_.tool_version)));
    if (!plan_.created_at.empty()) text += ", " + html_escaped(visible(plan_.created_at));
    return text + "</sub>\n";
  }

  Plan const& plan_;
  ReportOptions const& options_;
  Report const& report_;
};

}  // namespace

Result<void> write_markdown(Plan const& plan, ReportOptions const& options,
                            ReportSink const& sink) {
  auto const report = survey(plan, options.outcome_of);
  if (!report) return report.error();
  auto const text = Comment(plan, options, *report).run();
  if (!text) return text.error();
  sink(*text);
  return {};
}

}  // namespace tenantry::plans
