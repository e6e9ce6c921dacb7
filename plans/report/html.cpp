#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/core/text.hpp"
#include "plans/change_words.hpp"
#include "plans/grouping.hpp"
#include "plans/render.hpp"
#include "plans/report.hpp"
#include "plans/report/html_change.hpp"
#include "plans/report/html_overview.hpp"
#include "plans/report/markdown_text.hpp"
#include "plans/report/model.hpp"
#include "plans/report/page.hpp"

namespace tenantry::plans {
namespace {

// Up to so many changes, all are unfolded: a page of this length is read from top to bottom.
constexpr std::size_t kUnfoldedMax = 40;

/// Writes in pieces of some size.
class Buffer {
 public:
  explicit Buffer(ReportSink const& sink) : sink_(sink) {}
  void add(std::string_view text) {
    constexpr std::size_t kPiece = 64 << 10;
    pending_ += text;
    if (pending_.size() >= kPiece) flush();
  }
  void flush() {
    if (!pending_.empty()) sink_(pending_);
    pending_.clear();
  }

 private:
  ReportSink const& sink_;
  std::string pending_;
};

/// The kinds of all changes, for the filter.
std::set<std::string> kinds_of(Plan const& plan, Result<void>& read) {
  std::set<std::string> kinds;
  read = plan.tenants.for_each([&](TenantPlan const& tenant) {
    for (auto const& change : tenant.changes) {
      if (is_shown(change)) kinds.insert(kind_of(change));
    }
  });
  return kinds;
}

class Page {
 public:
  Page(Plan const& plan, ReportOptions const& options, Report const& report, ReportSink const& sink)
      : plan_(plan), options_(options), report_(report), out_(sink) {}

  Result<void> run() {
    Result<void> read;
    auto const kinds = kinds_of(plan_, read);
    if (!read) return read;
    head();
    out_.add("<main>\n");
    out_.add(overview_html(plan_, options_, report_));
    out_.add(
        "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\" tabindex=\"-1\">"
        "Changes</h2>\n");
    if (report_.changes > 0) filters(kinds);
    out_.add(fmt::format(
        "<p class=\"nothing\"{}>{}</p>\n", report_.changes > 0 ? " hidden" : "",
        report_.changes > 0 ? "No change fits these filters." : "Nothing is to be changed."));
    std::size_t number = 0;
    auto const visited = visit_blocks(
        plan_, report_, [&](auto const& block, auto const& sample, auto const& changes) {
          this->block(number++, block, sample, changes);
        });
    if (!visited) return visited;
    out_.add("</section>\n");
    out_.add(rest_html(plan_, report_));
    out_.add("</main>\n");
    foot();
    out_.flush();
    return {};
  }

 private:
  void head() {
    auto const title = html_escaped(title_text(plan_, options_, report_));
    out_.add(fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{} · Tenantry</title>\n<style>",
        page_style_digest(), page_script_digest(), title));
    out_.add(page_style());
    out_.add(
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#changes\">Skip to the "
        "changes</a>\n");
    out_.add(header_html(plan_, options_, report_));
  }

  void field(std::string_view name, std::string_view label, std::string_view control) {
    out_.add(fmt::format("<div class=\"field\"><label for=\"by-{0}\">{1}</label>{2}</div>\n", name,
                         label, control));
  }

  void filters(std::set<std::string> const& kinds) {
    out_.add("<form class=\"filters\" hidden aria-label=\"Filters\">\n<div class=\"row\">\n");
    field("tenant", "Tenant",
          "<input type=\"search\" id=\"by-tenant\" name=\"tenant\" list=\"keys\" "
          "autocomplete=\"off\" spellcheck=\"false\">");
    std::string options = "<option value=\"\">All kinds</option>";
    for (auto const& kind : kinds) {
      options += fmt::format("<option value=\"{0}\">{0}</option>", html_text(kind));
    }
    field("kind", "Kind", "<select id=\"by-kind\" name=\"kind\">" + options + "</select>");
    if (options_.outcome_of) {
      field("outcome", "Outcome",
            "<select id=\"by-outcome\" name=\"outcome\"><option value=\"\">All</option>"
            "<option value=\"done\">Done</option><option value=\"not-done\">Not done</option>"
            "</select>");
    }
    field("text", "Text",
          "<input type=\"search\" id=\"by-text\" name=\"text\" autocomplete=\"off\" "
          "spellcheck=\"false\">");
    out_.add(
        "<button type=\"button\" name=\"expand\">Unfold all</button>"
        "<button type=\"button\" name=\"collapse\">Fold all</button>"
        "<button type=\"reset\">Clear filters</button>\n</div>\n<fieldset><legend "
        "class=\"unseen\">Only these actions</legend>\n");
    for (auto const& [action, count] : shown_actions(report_)) {
      out_.add(fmt::format(
          "<label class=\"chip {0}\"><input type=\"checkbox\" name=\"action\" "
          "value=\"{0}\">{1} {2}</label>\n",
          class_of(action), count, action_words(action, static_cast<bool>(options_.outcome_of))));
    }
    out_.add("</fieldset>\n<p class=\"status\" role=\"status\"></p>\n<datalist id=\"keys\">");
    for (std::size_t i = 0; i < report_.tenants.size(); ++i) {
      if (report_.tenants[i].changes == 0) continue;
      out_.add(fmt::format("<option value=\"{}\">", html_text(report_.tenants[i].key)));
    }
    out_.add("</datalist>\n</form>\n");
  }

  void block(std::size_t number, ReportBlock const& block, TenantPlan const& sample,
             std::vector<Change> const& changes) {
    bool const alone = block.tenants.size() == 1;
    bool const all_open = listed() <= kUnfoldedMax;
    // What destroys, and what went wrong, is not folded away.
    bool const open = all_open || block.is_grave || block.has_trouble;
    out_.add(fmt::format("<article class=\"block\" id=\"b{}\"", number));
    if (alone) out_.add(fmt::format(" data-tenant=\"{}\"", html_text(sample.key)));
    out_.add(fmt::format("><details{}><summary>{}</summary>\n", open ? " open" : "",
                         summary(block, sample, changes)));
    if (!alone) members(block);
    for (auto const& change : changes) {
      ChangeView view;
      view.outcome = options_.outcome_of ? outcome(change, sample, !alone) : nullptr;
      bool const trouble =
          view.outcome != nullptr && view.outcome->status != ChangeOutcome::Status::done;
      view.is_open = all_open || is_grave(change) || trouble;
      auto const& address = change.address;
      view.address = alone                 ? address.text()
                     : address.is_tenant() ? std::string("the tenant itself")
                                           : address.text().substr(address.tenant.size() + 1);
      out_.add(html_of(change, view));
    }
    out_.add("</details></article>\n");
  }

  std::size_t listed() const {
    std::size_t count = 0;
    for (auto const& block : report_.blocks) count += block.changes;
    return count;
  }

  std::string summary(ReportBlock const& block, TenantPlan const& sample,
                      std::vector<Change> const& changes) const {
    auto text = fmt::format("<h3>{}</h3>", html_text(title_of(report_, block)));
    if (block.tenants.size() > 1) {
      text += fmt::format(" <span class=\"dim\">the same {}</span>", counted_changes(changes));
    } else {
      std::vector<std::string> parts;
      if (!sample.hostname.empty()) parts.push_back(html_text(sample.hostname));
      if (!sample.region.empty()) parts.push_back(html_text(sample.region));
      if (!sample.wave.empty()) parts.push_back("wave " + html_text(sample.wave));
      if (!sample.refreshed) parts.emplace_back("not refreshed");
      text += fmt::format(" <span class=\"dim\">{}</span>", fmt::join(parts, " · "));
    }
    return text + pills_html(report_.tenants[block.tenants.front()].counts);
  }

  void members(ReportBlock const& block) {
    out_.add(
        fmt::format("<details class=\"members\"{}><summary>Which {}</summary><ul class=\"keys\">",
                    block.is_grave ? " open" : "", title_of(report_, block)));
    for (auto const index : block.tenants) {
      out_.add("<li>" + html_text(report_.tenants[index].key) + "</li>");
    }
    out_.add("</ul></details>\n");
  }

  /// In a group, with placeholders for what is a tenant's own.
  ChangeOutcome const* outcome(Change const& change, TenantPlan const& sample, bool generic) {
    auto own = change.address;
    own.tenant = sample.key;
    auto const* found = options_.outcome_of(own);
    if (found == nullptr || !generic) return found;
    generic_outcome_ = *found;
    generic_outcome_.why = generic_text(sample, found->why);
    generic_outcome_.hint = generic_text(sample, found->hint);
    return &generic_outcome_;
  }

  void foot() {
    out_.add(footer_html(plan_));
    out_.add("<script>");
    out_.add(page_script());
    out_.add("</script>\n</body>\n</html>\n");
  }

  Plan const& plan_;
  ReportOptions const& options_;
  Report const& report_;
  Buffer out_;
  ChangeOutcome generic_outcome_;
};

}  // namespace

Result<void> write_html(Plan const& plan, ReportOptions const& options, ReportSink const& sink) {
  auto const report = survey(plan, options.outcome_of);
  if (!report) return report.error();
  return Page(plan, options, *report, sink).run();
}

}  // namespace tenantry::plans
